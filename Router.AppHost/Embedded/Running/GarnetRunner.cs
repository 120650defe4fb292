using System.Net;
using Garnet;
using Garnet.server;
using Garnet.server.Auth.Settings;

namespace Router.AppHost.Embedded;

/// <summary>Garnet, a server of the Redis protocol, inside this process.</summary>
internal sealed class GarnetRunner(RedisResource redis, RunContext context) : IRunnable
{
    private GarnetServer? _server;

    public string Name => redis.Name;

    public IResource Resource => redis;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (_server is not null) return Task.CompletedTask;
        var server = new GarnetServer(Options(redis.Port, redis.Password));
        server.Start();
        _server = server;
        context.Logs.Write(Name, $"Garnet accepts connections on 127.0.0.1:{redis.Port}");
        context.Notifications.Publish(Name, new(KnownResourceStates.Running, IsHealthy: true));
        return Task.CompletedTask;
    }

    public Task StopAsync()
    {
        // A second Dispose of the same server throws.
        Interlocked.Exchange(ref _server, null)?.Dispose();
        context.Notifications.Publish(Name, new(KnownResourceStates.Exited));
        return Task.CompletedTask;
    }

    public void Signal(string name) =>
        throw new NotSupportedException("The cache runs inside the AppHost's process: stop and start it instead.");

    private static GarnetServerOptions Options(int port, string password) => new()
    {
        EndPoints = [new IPEndPoint(IPAddress.Loopback, port)],
        QuietMode = true,
        AuthSettings = new PasswordAuthenticationSettings(password),
        EnableLua = true,
        // Without it scripts interleave, and a limit lets more through than it says.
        LuaTransactionMode = true,
        LuaOptions = new LuaOptions(),
        // The log evicts the oldest records silently: the budget must hold every live counter.
        LogMemorySize = "64m",
        PageSize = "256k",
        IndexMemorySize = "4m",
        PubSubPageSize = "64k",
        // The default device needs libaio.
        DeviceType = Tsavorite.core.DeviceType.RandomAccess,
    };
}
