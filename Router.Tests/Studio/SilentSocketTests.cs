using System.Net.WebSockets;
using System.Text;
using Router.Api.Studio;
using Router.Tests.Support;

namespace Router.Tests.Studio;

/// <summary>A socket costs its opener nothing; what it holds here must end by itself.</summary>
public sealed class SilentSocketTests(PostgresFixture postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_shakes_hands_and_asks_for_no_page_is_let_go_after_thirty_seconds()
    {
        await using var host = await StudioHost.StartAsync(await postgres.CreateDatabaseAsync(Cancel), Cancel);
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new UriBuilder(host.Address) { Scheme = "ws", Path = "/_blazor" }.Uri, Cancel);
        await socket.SendAsync(Encoding.UTF8.GetBytes("{\"protocol\":\"blazorpack\",\"version\":1}\u001e"), WebSocketMessageType.Text, true, Cancel);
        var buffer = new byte[1024];
        var answer = await socket.ReceiveAsync(buffer, Cancel);
        Assert.Equal("{}\u001e", Encoding.UTF8.GetString(buffer, 0, answer.Count));

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        patience.CancelAfter(TimeSpan.FromSeconds(30));
        var ends = EndsAsync(socket, buffer, patience.Token);
        while (!ends.IsCompleted)
        {
            // The connection's watch may begin after the handshake is answered: then the next half minute counts.
            host.Time.Advance(SilentSocketFilter.Patience);
            await Task.WhenAny(ends, Task.Delay(200, Cancel));
        }

        await ends;
    }

    private static async Task EndsAsync(ClientWebSocket socket, byte[] buffer, CancellationToken cancellationToken)
    {
        try
        {
            while ((await socket.ReceiveAsync(buffer, cancellationToken)).MessageType != WebSocketMessageType.Close)
            {
            }
        }
        catch (WebSocketException)
        {
            // Cut off, which is an end too.
        }
    }
}
