using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Router.AppHost.Embedded;

/// <summary>
/// Loopback ports. Free ones are looked for below the range the kernel uses for outgoing connections,
/// so that none is taken between the look and the bind; a port is given out once per process.
/// </summary>
internal static class Ports
{
    private const int First = 20_000;
    private const int Last = 31_999;

    private static readonly ConcurrentDictionary<int, bool> s_given = new();

    public static int Free()
    {
        for (var attempt = 0; attempt < 1_000; attempt++)
        {
            var port = Random.Shared.Next(First, Last + 1);
            if (!IsTaken(port) && s_given.TryAdd(port, true)) return port;
        }

        throw new DistributedApplicationException($"No free port found between {First} and {Last}.");
    }

    public static void Return(int port) => s_given.TryRemove(port, out _);

    /// <summary>True when either loopback address has a listener: a service binds both.</summary>
    public static bool IsTaken(int port) =>
        IsTaken(IPAddress.Loopback, port) || (Socket.OSSupportsIPv6 && IsTaken(IPAddress.IPv6Loopback, port));

    private static bool IsTaken(IPAddress address, int port)
    {
        using var listener = new TcpListener(address, port);
        try
        {
            listener.Start();
            return false;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied;
        }
    }
}
