using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Router.Core.Telemetry;

namespace Router.Core.Keys;

/// <summary>Loads the master keys when the host starts: a bad configuration is found then and not by the first key.</summary>
internal sealed partial class MasterKeyCheck(MasterKeyRing ring, ILogger<MasterKeyCheck> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        LogNewest(ring.Newest.Name);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(Level = LogLevel.Information, Message = "Provider keys are sealed under master key {Name}")]
    private partial void LogNewest(Printable name);
}
