using Router.Core.Limits;

namespace Router.Benchmarks;

/// <summary>Grants what is asked for, in one window without end: what is measured is the lease, not the counter.</summary>
internal sealed class EndlessCounter : ILimitCounter
{
    public Task<CounterReply> ExchangeAsync(string key, CounterDraw draw) =>
        Task.FromResult(new CounterReply(Math.Max(draw.Need, draw.Want), 0, 1, TimeSpan.FromHours(1)));
}
