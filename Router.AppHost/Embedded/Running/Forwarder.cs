using System.Net;
using System.Net.Sockets;

namespace Router.AppHost.Embedded;

/// <summary>
/// Owns the public port of a replicated service and hands each connection to the next replica that accepts one.
/// Bytes pass as they are, both ways, so streaming and back-pressure are those of the sockets.
/// </summary>
internal sealed class Forwarder(int port, IReadOnlyList<Uri> targets)
{
    private readonly List<TcpListener> _listeners = [];
    private int _next = -1;

    public void Start()
    {
        if (_listeners.Count > 0) return;
        Listen(IPAddress.Loopback);
        if (Socket.OSSupportsIPv6)
        {
            try
            {
                Listen(IPAddress.IPv6Loopback);
            }
            catch (SocketException)
            {
                // The kernel knows IPv6, this machine's loopback does not: IPv4 serves.
            }
        }
    }

    public void Stop()
    {
        foreach (var listener in _listeners)
            listener.Dispose();
        _listeners.Clear();
    }

    private void Listen(IPAddress address)
    {
        var listener = new TcpListener(address, port);
        listener.Start();
        _listeners.Add(listener);
        _ = AcceptAsync(listener);
    }

    private async Task AcceptAsync(TcpListener listener)
    {
        try
        {
            while (true)
                _ = ForwardAsync(await listener.AcceptTcpClientAsync());
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // Stopped.
        }
    }

    private async Task ForwardAsync(TcpClient client)
    {
        using (client)
        using (var target = await ConnectAsync())
        {
            if (target is null) return;
            client.NoDelay = target.NoDelay = true;
            await Task.WhenAll(CopyAsync(client, target), CopyAsync(target, client));
        }
    }

    /// <summary>The next replica in turn; one that refuses is passed over.</summary>
    private async Task<TcpClient?> ConnectAsync()
    {
        // One turn for each connection: taking another for each attempt would, under load, come by the same dead replica twice.
        var turn = (uint)Interlocked.Increment(ref _next);
        for (var attempt = 0u; attempt < targets.Count; attempt++)
        {
            var target = targets[(int)((turn + attempt) % (uint)targets.Count)];
            var connection = new TcpClient();
            try
            {
                await connection.ConnectAsync(IPAddress.Loopback, target.Port);
                // The turns of those passed over are used up.
                Interlocked.Add(ref _next, (int)attempt);
                return connection;
            }
            catch (SocketException)
            {
                connection.Dispose();
            }
        }

        return null;
    }

    /// <summary>One direction. Its end is passed on as a half-close; a reset on one side resets the other.</summary>
    private static async Task CopyAsync(TcpClient from, TcpClient to)
    {
        try
        {
            await from.GetStream().CopyToAsync(to.GetStream());
            to.Client.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            from.Close();
            to.Close();
        }
    }
}
