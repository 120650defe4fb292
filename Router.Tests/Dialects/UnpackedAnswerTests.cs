using System.IO.Compression;
using System.Net;
using System.Text;

namespace Router.Tests.Dialects;

/// <summary>What a small answer that unpacks to a large one costs. By itself: all that the process allocates is counted.</summary>
[Collection(nameof(UnpackedAnswerTests))]
public sealed class UnpackedAnswerTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_hundred_megabytes_in_a_hundred_kilobytes_are_not_unpacked(bool stream)
    {
        byte[] bomb = Bomb();
        Assert.True(bomb.Length < 200_000, $"{bomb.Length} bytes");
        await using AnsweringProvider provider = await AnsweringProvider.StartAsync();
        provider.Answer = (stream ? "text/event-stream" : "application/json", "gzip", bomb);
        long before = GC.GetTotalAllocatedBytes();
        (HttpStatusCode status, string body) = await provider.AskAsync("openai/gpt-4o", stream);
        Assert.True(stream ? body.Contains("\"error\"", StringComparison.Ordinal) : status == HttpStatusCode.BadGateway, body);
        // Of one answer that comes whole up to 64 MB are held, in an array that doubles; of a stream nothing is.
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, stream ? 32_000_000 : 400_000_000);
    }

    private static byte[] Bomb()
    {
        using var bytes = new MemoryStream();
        using (var packer = new GZipStream(bytes, CompressionLevel.SmallestSize))
        {
            packer.Write("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hello\"}}]}\n\n"u8);
            byte[] comments = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(":\n", 512 * 1024)));
            for (int i = 0; i < 100; i++)
            {
                packer.Write(comments);
            }
        }

        return bytes.ToArray();
    }
}

[CollectionDefinition(nameof(UnpackedAnswerTests), DisableParallelization = true)]
public sealed class UnpackedAnswerCollection;
