using System.Threading.Channels;
using Router.Core.Telemetry;

namespace Router.Core.Health;

/// <summary>
/// What live traffic hands to the background. Bounded, and the oldest gives way: sharing is best effort, serving a
/// request is not.
/// </summary>
public sealed class HealthOutbox
{
    private const int Capacity = 4096;

    private readonly Channel<HealthChange> _changes = Channel.CreateBounded<HealthChange>(
        new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.DropOldest }, _ => KeyTelemetry.HealthDropped.Add(1));

    private readonly Channel<RecheckRequest> _rechecks = Channel.CreateBounded<RecheckRequest>(
        new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.DropOldest }, _ => KeyTelemetry.HealthDropped.Add(1));

    public ChannelReader<HealthChange> Changes => _changes.Reader;

    public ChannelReader<RecheckRequest> Rechecks => _rechecks.Reader;

    /// <summary>Shares a change. Never blocks.</summary>
    public void Share(HealthChange change)
    {
        if (change.IsShared)
            _changes.Writer.TryWrite(change);
    }

    /// <summary>Asks for an early check. Never blocks.</summary>
    public void RequestRecheck(RecheckRequest request) => _rechecks.Writer.TryWrite(request);
}
