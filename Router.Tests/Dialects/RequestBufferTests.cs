using Router.Api.Dialects;
using Router.Core.Chat;

namespace Router.Tests.Dialects;

/// <summary>A request's memory goes to the next one only when nothing can be sending it any more.</summary>
public sealed class RequestBufferTests
{
    [Fact]
    public void Bytes_that_every_attempt_has_sent_are_given_back()
    {
        RequestBuffer buffer = Buffer();
        buffer.Release(Request(new(null!) { Sent = true }, new(null!) { Skipped = true }));
        Assert.True(buffer.Bytes.IsEmpty);
        Assert.True(buffer.Rest(0).IsEmpty);
        buffer.Release(Request());
    }

    [Fact]
    public void Bytes_that_an_attempt_may_still_be_sending_are_kept()
    {
        RequestBuffer buffer = Buffer();
        buffer.Release(Request(new(null!) { Sent = true }, new(null!)));
        Assert.Equal([1, 2, 3], buffer.Bytes.ToArray());
    }

    [Fact]
    public void What_was_read_is_there_after_growing()
    {
        RequestBuffer buffer = Buffer();
        buffer.Grow(100_000);
        Assert.True(buffer.Rest(0).Length >= 100_000);
        Assert.Equal([1, 2, 3], buffer.Rest(0)[..3].ToArray());
    }

    private static RequestBuffer Buffer()
    {
        var buffer = new RequestBuffer(3);
        new byte[] { 1, 2, 3 }.CopyTo(buffer.Rest(0));
        buffer.Complete(0, 3);
        return buffer;
    }

    private static RouteRequest Request(params AttemptRecord[] attempts)
    {
        var request = new RouteRequest { Workspace = null!, Model = "m" };
        request.Attempts.AddRange(attempts);
        return request;
    }
}
