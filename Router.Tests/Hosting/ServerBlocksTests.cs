using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using CsCheck;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Router.Api.Hosting;

namespace Router.Tests.Hosting;

public sealed class ServerBlocksTests : IDisposable
{
    private readonly ServerBlocks _blocks = new();

    public void Dispose()
    {
        ServerBlocks.ExpectMuch(false);
        _blocks.Dispose();
    }

    [Fact]
    public void What_came_back_last_is_given_first()
    {
        IMemoryOwner<byte>[] three = [_blocks.Rent(), _blocks.Rent(), _blocks.Rent()];
        Array.ForEach(three, block => block.Dispose());
        Assert.Equal(three.Reverse(), [_blocks.Rent(), _blocks.Rent(), _blocks.Rent()]);
    }

    [Fact]
    public void Much_is_expected_once_and_on_this_thread_only()
    {
        ServerBlocks.ExpectMuch(true);
        int elsewhere = 0;
        var other = new Thread(() => elsewhere = _blocks.Rent().Memory.Length);
        other.Start();
        other.Join();
        Assert.Equal(
            (ServerBlocks.BlockSize, ServerBlocks.LargeBlockSize, ServerBlocks.BlockSize),
            (elsewhere, _blocks.Rent(ServerBlocks.BlockSize).Memory.Length, _blocks.Rent().Memory.Length));
    }

    [Fact]
    public void Large_blocks_are_few_and_come_back()
    {
        List<IMemoryOwner<byte>> large = [.. Enumerable.Range(0, ServerBlocks.MostLarge).Select(_ => RentLarge())];
        Assert.All(large, block => Assert.Equal(ServerBlocks.LargeBlockSize, block.Memory.Length));
        Assert.Equal(ServerBlocks.BlockSize, RentLarge().Memory.Length);
        large[7].Dispose();
        Assert.Same(large[7], RentLarge());
    }

    [Fact]
    public void No_more_is_asked_for_than_a_block() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => _blocks.Rent(_blocks.MaxBufferSize + 1));

    /// <summary>Two requests with the same memory would read each other's prompts.</summary>
    [Fact]
    public void No_block_is_given_twice_whoever_returns_it_how_often() =>
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, 9]).Array[0, 200].Sample(steps =>
        {
            using var blocks = new ServerBlocks();
            List<IMemoryOwner<byte>> given = [];
            foreach ((int what, int which) in steps)
            {
                if (what == 0 || given.Count == 0)
                {
                    ServerBlocks.ExpectMuch(which == 0);
                    IMemoryOwner<byte> block = blocks.Rent();
                    Assert.DoesNotContain(block, given);
                    given.Add(block);
                }
                else
                {
                    IMemoryOwner<byte> block = given[which % given.Count];
                    given.Remove(block);
                    block.Dispose();
                    if (what == 1)
                    {
                        block.Dispose();
                    }
                }
            }
        });

    [Fact]
    public async Task No_block_is_given_to_two_threads()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(thread => Task.Run(() =>
        {
            for (int i = 0; i < 20_000; i++)
            {
                ServerBlocks.ExpectMuch(i % 3 == 0);
                using IMemoryOwner<byte> block = _blocks.Rent();
                block.Memory.Span[0] = (byte)thread;
                Thread.Yield();
                Assert.Equal((byte)thread, block.Memory.Span[0]);
            }
        })));
    }

    [Fact]
    public async Task A_server_receives_a_long_request_in_large_pieces()
    {
        CancellationToken token = TestContext.Current.CancellationToken;
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.UseInlineScheduling();
        builder.WebHost.ConfigureKestrel(server => server.Listen(IPAddress.Loopback, 0));
        await using WebApplication app = builder.Build();
        int largest = 0;
        using var read = new SemaphoreSlim(0);
        app.Run(async context =>
        {
            long length = 0;
            for (bool completed = false; !completed;)
            {
                ServerBlocks.ExpectMuch(true);
                ReadResult result = await context.Request.BodyReader.ReadAsync(context.RequestAborted);
                foreach (ReadOnlyMemory<byte> piece in result.Buffer)
                {
                    largest = Math.Max(largest, piece.Length);
                }

                length += result.Buffer.Length;
                completed = result.IsCompleted;
                context.Request.BodyReader.AdvanceTo(result.Buffer.End);
                read.Release();
            }

            await context.Response.WriteAsync($"{length}", token);
        });
        await app.StartAsync(token);
        string address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        using var client = new HttpClient();

        using HttpResponseMessage response = await client.PostAsync(address, new Bursts(read), token);

        Assert.Equal($"{Bursts.Count * Bursts.Size}", await response.Content.ReadAsStringAsync(token));
        Assert.InRange(largest, ServerBlocks.BlockSize + 1, ServerBlocks.LargeBlockSize);
    }

    private IMemoryOwner<byte> RentLarge()
    {
        ServerBlocks.ExpectMuch(true);
        return _blocks.Rent();
    }

    /// <summary>Sends when what came before has been read, so that the server waits for it.</summary>
    private sealed class Bursts(SemaphoreSlim read) : HttpContent
    {
        public const int Count = 20;
        public const int Size = 200_000;

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            for (int i = 0; i < Count; i++)
            {
                await stream.WriteAsync(new byte[Size]);
                await read.WaitAsync();
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = Count * Size;
            return true;
        }
    }
}
