using Microsoft.Extensions.Logging;

namespace Router.Core.Keys;

/// <summary>What a writer calls after its write: tells the other replicas, and makes the change in force on this one.</summary>
public sealed partial class StateAnnouncer(StateChannel channel, SnapshotRefresher refresher, ILogger<StateAnnouncer> logger)
{
    /// <summary>
    /// Returns when this replica serves from the new state, or with a warning when that failed, since the write stands:
    /// the poll then catches up.
    /// </summary>
    public async Task AnnounceAsync(CancellationToken cancellationToken)
    {
        var publishing = channel.PublishAsync(cancellationToken);
        try
        {
            await refresher.RefreshAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogLate(exception);
        }

        await publishing.ConfigureAwait(false);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A change is written but not yet in force on this replica")]
    private partial void LogLate(Exception exception);
}
