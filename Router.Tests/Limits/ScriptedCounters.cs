using Microsoft.Extensions.Time.Testing;
using Router.Core.Limits;

namespace Router.Tests.Limits;

/// <summary>One scripted counter for each key.</summary>
internal sealed class ScriptedCounters(Dictionary<string, ScriptedCounter> counters, FakeTimeProvider time) : ILimitCounter
{
    public Task<CounterReply> ExchangeAsync(string key, CounterDraw draw)
    {
        if (!counters.TryGetValue(key, out var counter))
            counters[key] = counter = new(time, key);
        return counter.ExchangeAsync(key, draw);
    }
}
