using System.Diagnostics.Metrics;
using Microsoft.Extensions.Time.Testing;
using Router.Core.Limits;

namespace Router.Tests.Limits;

/// <summary>What is counted of limits. By itself: the counts are the process's, and other tests' decisions would be among them.</summary>
[Collection(LimitServersCollection.Name)]
public sealed class LimitDecisionsTests
{
    [Fact]
    public async Task Every_decision_is_counted_by_outcome_scope_kind_and_mode()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddDays(20_000));
        Dictionary<string, ScriptedCounter> counters = [];
        RateLimiter limiter = Replicas.Limiter(new ScriptedCounters(counters, time), time);
        var (workspace, key) = (Replicas.Workspace(requests: 1), Replicas.Key(requests: 5));
        Dictionary<string, long> before = Read();

        await AskAsync();
        Assert.Equal(["allowed key requests shared 1", "allowed workspace requests shared 1"], Since());
        await AskAsync();
        Assert.Equal(["allowed key requests shared 2", "allowed workspace requests shared 1", "refused workspace requests shared 1"], Since());
        counters.Values.First().Gone = true;
        time.Advance(TimeSpan.FromSeconds(2));
        await AskAsync();
        Assert.Contains("allowed key requests local 1", Since());

        async Task AskAsync() =>
            await limiter.AdmitAsync(workspace, key, TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);

        IEnumerable<string> Since() => from pair in Read()
                                       let more = pair.Value - before.GetValueOrDefault(pair.Key)
                                       where more != 0
                                       orderby pair.Key
                                       select $"{pair.Key} {more}";
    }

    private static Dictionary<string, long> Read()
    {
        Dictionary<string, long> counts = [];
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Name == "router.limit.decisions")
                    self.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((_, count, tags, _) => counts[string.Join(' ', tags.ToArray().Select(tag => tag.Value))] = count);
        listener.Start();
        listener.RecordObservableInstruments();
        return counts;
    }
}
