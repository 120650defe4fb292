using BenchmarkDotNet.Attributes;
using Router.Core.Keys;
using Router.Core.Limits;

namespace Router.Benchmarks;

/// <summary>Admission from a lease held, with limits of requests and tokens on key and workspace; and what charges the tokens.</summary>
[MemoryDiagnoser]
public class LimiterBenchmarks
{
    private static readonly LimitSettings High = new(LimitSettings.MostRequestsPerSecond, LimitSettings.MostTokensPerMinute);

    private readonly RateLimiter _limiter = new(new EndlessCounter(), new LimitOptions(), LimitTimings.Default, TimeProvider.System, new Random(1));
    private readonly Workspace _workspace = Host.Workspace(1) with { Policy = WorkspacePolicy.Default with { Limits = High } };
    private readonly RouterKey _key = new("bench", "bench", "bench", new byte[32], RouterKeyPermissions.Inference) { Limits = High };

    [Benchmark]
    public ValueTask<LimitDecision> Admit() => _limiter.AdmitAsync(_workspace, _key, CancellationToken.None);

    [Benchmark]
    public void Charge() => _limiter.Charge(_workspace, _key, 170);
}
