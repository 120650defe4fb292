using System.Text;
using CsCheck;
using Router.Core.Failures;
using Router.Core.Providers;
using Router.Core.Wire;

namespace Router.Tests.Wire;

/// <summary>Memory that is used again: nobody gets somebody else's bytes, and nobody reads his own when they are no longer his.</summary>
public sealed class SharedBytesTests
{
    [Fact]
    public void A_released_answer_cannot_be_read()
    {
        byte[] shared = SharedBytes.Rent(64);
        Encoding.UTF8.GetBytes("{\"id\":\"x\"}", shared);
        var answer = new WireResponse(JsonObject.Parse(shared.AsMemory(0, 10)), shared);
        Assert.Equal("x", answer.Body.String("id"));
        answer.Release();
        answer.Release();
        Assert.Throws<ObjectDisposedException>(() => answer.Body);
    }

    [Fact]
    public void An_answer_that_is_nobodys_array_outlives_its_release()
    {
        var answer = new WireResponse(JsonObject.Parse("{\"id\":\"x\"}"u8.ToArray()));
        answer.Release();
        Assert.Equal("x", answer.Body.String("id"));
    }

    [Fact]
    public Task A_request_in_pieces_is_sent_whole_and_says_its_length_however_often_it_is_sent() =>
        Gen.Byte.Array[0, 9_000].Array[1, 4].SampleAsync(async pieces =>
        {
            using var content = new RequestContent([.. pieces.Select(piece => new ReadOnlyMemory<byte>(piece))], null);
            byte[] whole = [.. pieces.SelectMany(piece => piece)];
            Assert.Equal(whole.Length, content.Headers.ContentLength);
            for (int i = 0; i < 2; i++)
            {
                using var sent = new MemoryStream();
                await content.CopyToAsync(sent);
                Assert.Equal(whole, sent.ToArray());
            }
        }, iter: 100);

    [Fact]
    public async Task A_body_of_any_length_is_read_whole_whether_it_was_announced_or_not()
    {
        foreach (int length in (int[])[0, 1, 15, 16, 17, 4095, 4096, 16_383, 16_384, 16_385, 70_000])
        {
            byte[] body = new byte[length];
            Random.Shared.NextBytes(body);
            foreach (bool announced in (bool[])[true, false])
            {
                using var response = new HttpResponseMessage { Content = announced ? new ByteArrayContent(body) : new StreamContent(new Unannounced(body)) };
                (byte[] shared, int read) = await HttpBodies.ReadSharedAsync(response, HttpBodies.LargestAnswer, TestContext.Current.CancellationToken);
                Assert.Equal(body, shared.AsSpan(0, read).ToArray());
            }
        }
    }

    [Fact]
    public async Task An_error_is_cut_at_its_limit_and_an_answer_beyond_it_is_none()
    {
        foreach (bool announced in (bool[])[true, false])
        {
            using var error = new HttpResponseMessage(System.Net.HttpStatusCode.BadGateway) { Content = announced ? new ByteArrayContent(new byte[5_000]) : new StreamContent(new Unannounced(new byte[5_000])) };
            Assert.Equal(1_000, (await HttpBodies.ReadAsync(error, 1_000, TestContext.Current.CancellationToken)).Length);
            using var answer = new HttpResponseMessage { Content = announced ? new ByteArrayContent(new byte[5_000]) : new StreamContent(new Unannounced(new byte[5_000])) };
            await Assert.ThrowsAsync<ProviderException>(() => HttpBodies.ReadAsync(answer, 1_000, TestContext.Current.CancellationToken));
        }
    }

    /// <summary>Gives a few bytes at a time and does not say how many there are.</summary>
    private sealed class Unannounced(byte[] body) : Stream
    {
        private int _given;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            int given = Math.Min(Math.Min(count, 1_000), body.Length - _given);
            body.AsSpan(_given, given).CopyTo(buffer.AsSpan(offset));
            _given += given;
            return given;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
