using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Router.Tests.Restart;

/// <summary>
/// What stands before replicas, at its plainest: it hands each connection to one whose <c>/health</c> was last good, in turn, and passes bytes. It repeats
/// nothing and hides nothing, so whatever a replica does wrong when it goes is the caller's to see.
/// </summary>
internal sealed class Balancer : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentDictionary<int, bool> _healthy = new();
    private readonly int[] _ports;
    private readonly Task[] _loops;
    private int _turn;

    public Balancer(params int[] ports)
    {
        _ports = ports;
        _listener.Start();
        Address = new Uri($"http://{_listener.LocalEndpoint}");
        _loops = [AcceptAsync(), .. ports.Select(WatchAsync)];
    }

    public Uri Address { get; }

    public bool IsHealthy(int port) => _healthy.GetValueOrDefault(port);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await Task.WhenAll(_loops).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _listener.Dispose();
        _end.Dispose();
    }

    private async Task WatchAsync(int port)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(2) };
        while (!_end.IsCancellationRequested)
        {
            try
            {
                using HttpResponseMessage response = await client.GetAsync(new Uri($"http://127.0.0.1:{port}/health"), _end.Token);
                _healthy[port] = response.IsSuccessStatusCode;
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
            {
                _healthy[port] = false;
            }

            await Task.Delay(Interval, _end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task AcceptAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            _ = ServeAsync(await _listener.AcceptTcpClientAsync(_end.Token));
        }
    }

    private async Task ServeAsync(TcpClient caller)
    {
        using (caller)
        using (var replica = new TcpClient())
        {
            try
            {
                int[] healthy = [.. _ports.Where(IsHealthy)];
                await replica.ConnectAsync(IPAddress.Loopback, healthy[(int)((uint)Interlocked.Increment(ref _turn) % healthy.Length)], _end.Token);
                caller.NoDelay = replica.NoDelay = true;
                await Task.WhenAll(PassAsync(caller, replica), PassAsync(replica, caller));
            }
            catch (Exception e) when (e is IOException or SocketException or IndexOutOfRangeException or OperationCanceledException or DivideByZeroException)
            {
                // The caller sees its connection end.
            }
        }
    }

    private async Task PassAsync(TcpClient from, TcpClient to)
    {
        await from.GetStream().CopyToAsync(to.GetStream(), _end.Token);
        to.Client.Shutdown(SocketShutdown.Send);
    }
}
