using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.DependencyInjection;
using Router.Core.Keys;
using Router.Core.Routing;

namespace Router.Benchmarks;

/// <summary>Planning over the whole catalog for a workspace with one stored key, and with five.</summary>
[MemoryDiagnoser]
public class PlanningBenchmarks
{
    private readonly ServiceProvider _services = Host.Build();
    private RoutingKnowledge _knowledge = null!;
    private Workspace _workspace = null!;

    [Params(1, 5)]
    public int Keys { get; set; }

    [GlobalSetup]
    public void Setup() => (_knowledge, _workspace) = (_services.GetRequiredService<RoutingKnowledge>(), Host.Workspace(Keys));

    /// <summary>A model at a provider: nothing to choose.</summary>
    [Benchmark]
    public AttemptPlan Qualified() => Plan("openai/gpt-4o", RouterOptions.None);

    /// <summary>A model at a provider, and another to fall back to.</summary>
    [Benchmark]
    public AttemptPlan Fallbacks() => Plan("openai/gpt-4o", new RouterOptions { Models = ["openai/gpt-4o-mini"] });

    /// <summary>The best of every model of every provider.</summary>
    [Benchmark]
    public AttemptPlan Auto() => Plan(ModelResolver.Auto, RouterOptions.None);

    private AttemptPlan Plan(string model, RouterOptions options) => RoutePlanner.Plan(new PlanInput(model, options, _workspace), _knowledge);
}
