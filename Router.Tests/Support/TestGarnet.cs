using System.Net;
using System.Net.Sockets;
using Garnet;
using Garnet.server;
using Microsoft.Extensions.DependencyInjection;
using Router.Core.Limits;
using StackExchange.Redis;

namespace Router.Tests.Support;

/// <summary>A server of the Redis protocol in this process, which can go away and come back on its port.</summary>
internal sealed class TestGarnet : IDisposable
{
    private GarnetServer? _server;

    public TestGarnet()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        Port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        Start();
    }

    public int Port { get; }

    public void Start()
    {
        _server = new(new GarnetServerOptions
        {
            EndPoints = [new IPEndPoint(IPAddress.Loopback, Port)],
            QuietMode = true,
            EnableLua = true,
            // As the AppHost's: without it scripts interleave.
            LuaTransactionMode = true,
            LuaOptions = new LuaOptions(),
            LogMemorySize = "64m",
            PageSize = "256k",
            IndexMemorySize = "4m",
            PubSubPageSize = "64k",
            DeviceType = Tsavorite.core.DeviceType.RandomAccess,
        });
        _server.Start();
    }

    public void Stop() => Interlocked.Exchange(ref _server, null)?.Dispose();

    /// <summary>What one replica has: its own connection.</summary>
    public static ServiceProvider Connect(int port, string options = "") => new ServiceCollection()
        .AddSingleton(TimeProvider.System)
        .AddSingleton<IConnectionMultiplexer>(_ => ConnectionMultiplexer.Connect($"127.0.0.1:{port},abortConnect=false,connectTimeout=1000{options}"))
        .AddSingleton<RedisAccess>()
        .AddSingleton<CooldownStore>()
        .BuildServiceProvider();

    public void Dispose() => Stop();
}
