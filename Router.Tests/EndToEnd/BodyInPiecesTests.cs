using System.Net.Sockets;
using System.Text;

namespace Router.Tests.EndToEnd;

/// <summary>A body is the same however it is cut on its way.</summary>
[Collection(StackCollection.Name)]
public sealed class BodyInPiecesTests(Stack stack)
{
    private const string Chat = """{"model":"openai/gpt-4o","messages":[{"role":"user","content":"pieces"}]}""";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(40)]
    public async Task A_body_that_comes_after_its_headers_or_in_part_with_them_is_read_whole(int together)
    {
        string answer = await SendAsync($"Expect: 100-continue\r\nContent-Length: {Chat.Length}\r\n\r\n{Chat[..together]}", Chat[together..]);
        Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
        Assert.Contains("You said: pieces", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_of_two_chunks_is_read_whole()
    {
        string answer = await SendAsync($"Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\nA\r\n{Chat[..10]}\r\n", $"{Chat.Length - 10:x}\r\n{Chat[10..]}\r\n0\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
        Assert.Contains("You said: pieces", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_without_a_body_is_refused_in_the_envelope()
    {
        string answer = await SendAsync("Content-Length: 0\r\n\r\n", "");
        Assert.StartsWith("HTTP/1.1 400", answer, StringComparison.Ordinal);
        Assert.Contains("invalid_request", answer, StringComparison.Ordinal);
    }

    private async Task<string> SendAsync(string first, string second)
    {
        using var socket = new TcpClient { NoDelay = true };
        await socket.ConnectAsync(stack.Api.BaseAddress!.Host, stack.Api.BaseAddress.Port, Cancel);
        NetworkStream stream = socket.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer {stack.RouterKey}\r\nContent-Type: application/json\r\n{first}"), Cancel);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        if (second.Length > 0)
        {
            // The server says so when it has begun to read, and found what was sent until now.
            Assert.Equal("HTTP/1.1 100 Continue", await reader.ReadLineAsync(Cancel));
            Assert.Equal("", await reader.ReadLineAsync(Cancel));
            await stream.WriteAsync(Encoding.ASCII.GetBytes(second), Cancel);
        }

        return await reader.ReadToEndAsync(Cancel);
    }
}
