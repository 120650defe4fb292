using System.Threading.Channels;
using Router.Core.Telemetry;

namespace Router.Core.Usage;

/// <summary>Records on their way from requests to the writer. Adding is one try and never waits.</summary>
public sealed class UsageQueue
{
    public const int Capacity = 100_000;

    private readonly Channel<UsageRecord> _records = Channel.CreateBounded<UsageRecord>(new BoundedChannelOptions(Capacity) { SingleReader = true });

    public ChannelReader<UsageRecord> Reader => _records.Reader;

    public int Depth => _records.Reader.Count;

    public void Add(UsageRecord record)
    {
        if (!_records.Writer.TryWrite(record))
            UsageTelemetry.Dropped.Add(1);
    }
}
