using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Router.Tests.Attacks;

/// <summary>
/// An OpenAI-dialect provider whose streams never pause: there is always more to read. The model's name says of what; one named
/// <c>calm</c> answers at once.
/// </summary>
internal sealed class FloodingProvider : IAsyncDisposable
{
    private const string Role = """data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant"},"finish_reason":null}]}""" + "\n\n";
    private const string Piece = """data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"x"},"finish_reason":null}]}""" + "\n\n";
    private const string Answer = """{"id":"x","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"ok"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}""";

    private static readonly Dictionary<string, byte[]> s_floods = new(StringComparer.Ordinal)
    {
        ["blanks"] = Many("\n"),
        ["comments"] = Many(": keep\n"),
        ["roles"] = Many(Role),
        ["pieces"] = Many(Piece),
        ["junk"] = Many("data: {\n\n"),
    };

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _ends = new();
    private readonly Task _accepting;

    public FloodingProvider()
    {
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public static IEnumerable<string> Kinds => s_floods.Keys;

    public string BaseUrl => $"http://{_listener.LocalEndpoint}/v1";

    public async ValueTask DisposeAsync()
    {
        await _ends.CancelAsync();
        _listener.Stop();
        await _accepting;
        _ends.Dispose();
    }

    private static byte[] Many(string piece) => Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(piece, 64 * 1024 / piece.Length + 1)));

    private async Task AcceptAsync()
    {
        List<Task> serving = [];
        try
        {
            while (true)
            {
                serving.Add(ServeAsync(await _listener.AcceptSocketAsync(_ends.Token)));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }

        await Task.WhenAll(serving);
    }

    private async Task ServeAsync(Socket socket)
    {
        using Socket _ = socket;
        try
        {
            while (await ReadAsync(socket) is { } model)
            {
                if (!s_floods.TryGetValue(model, out byte[]? flood))
                {
                    await SendAsync(socket, Encoding.UTF8.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {Answer.Length}\r\n\r\n{Answer}"));
                    continue;
                }

                await SendAsync(socket, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"u8.ToArray());
                while (true)
                {
                    await SendAsync(socket, flood);
                }
            }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The router is gone, or the test is over.
        }
    }

    private async Task SendAsync(Socket socket, ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await socket.SendAsync(bytes, _ends.Token)..];
        }
    }

    /// <summary>The model a request names; null at the end of the connection.</summary>
    private async Task<string?> ReadAsync(Socket socket)
    {
        var text = new StringBuilder();
        byte[] buffer = new byte[16 * 1024];
        while (true)
        {
            int read = await socket.ReceiveAsync(buffer, _ends.Token);
            if (read == 0)
            {
                return null;
            }

            text.Append(Encoding.UTF8.GetString(buffer, 0, read));
            string all = text.ToString();
            int end = all.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            int length = all.IndexOf("Content-Length: ", StringComparison.OrdinalIgnoreCase);
            if (end >= 0 && length >= 0 && all.Length - end - 4 >= int.Parse(all[(length + 16)..all.IndexOf('\r', length)], System.Globalization.CultureInfo.InvariantCulture))
            {
                int at = all.IndexOf("\"model\":\"", StringComparison.Ordinal) + 9;
                return all[at..all.IndexOf('"', at)];
            }
        }
    }
}
