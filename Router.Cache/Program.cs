// Garnet, a server of the Redis protocol, for machines without containers: REDIS_PORT and REDIS_PASSWORD say where and for whom.
using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using Garnet;
using Garnet.server;
using Garnet.server.Auth.Settings;

var port = int.Parse(Environment.GetEnvironmentVariable("REDIS_PORT")!, CultureInfo.InvariantCulture);
using var server = new GarnetServer(new GarnetServerOptions
{
    EndPoints = [new IPEndPoint(IPAddress.Loopback, port)],
    QuietMode = true,
    AuthSettings = new PasswordAuthenticationSettings(Environment.GetEnvironmentVariable("REDIS_PASSWORD")!),
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
});
using var stop = new ManualResetEventSlim();
using var onTerm = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using var onInterrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
server.Start();
Console.WriteLine($"Garnet accepts connections on 127.0.0.1:{port}");
stop.Wait();

void Stop(PosixSignalContext context)
{
    context.Cancel = true;
    stop.Set();
}
