using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Router.Core.Chat;
using Router.Core.Health;
using Router.Core.Keys;
using Router.Core.Routing;

namespace Router.Benchmarks;

/// <summary>One stage of the pipeline over a leaf that does nothing. Time and bytes are those of one chunk; the leaf alone is the baseline.</summary>
[MemoryDiagnoser]
public class StageBenchmarks
{
    private const string Model = "openai/gpt-4o";

    private static readonly ChatMessage[] Messages = [new(ChatRole.User, "Hi")];

    private readonly ServiceProvider _services = Host.Build();
    private readonly Workspace _workspace = Host.Workspace(1);
    private AttemptPlan _plan = null!;
    private IChatClient _requestTelemetry = null!;
    private IChatClient _planning = null!;
    private IChatClient _fallback = null!;
    private FixedAnswer _leaf = null!;

    /// <summary>Whether updates carry the provider's bytes, as in OpenAI's dialect, or typed contents, as in the others.</summary>
    [Params(true, false)]
    public bool Wire { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _leaf = new FixedAnswer(Wire);
        var knowledge = _services.GetRequiredService<RoutingKnowledge>();
        _plan = RoutePlanner.Plan(new PlanInput(Model, RouterOptions.None, _workspace), knowledge);
        _requestTelemetry = Over(builder => builder.UseRequestTelemetry());
        _planning = Over(builder => builder.UseRoutePlanning(knowledge, _services.GetRequiredService<Exploration>(), ChatLimits.Default.Deadline, TimeProvider.System));
        _fallback = new FallbackChatClient(
            new FixedClients(_leaf), new GoodHealth(), ChatLimits.Default, TimeProvider.System, _services.GetRequiredService<IRouteStatistics>(), _services.GetRequiredService<AttemptCosts>());
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Sample.Chunks)]
    public Task<int> LeafAlone() => DrainAsync(_leaf);

    [Benchmark(OperationsPerInvoke = Sample.Chunks)]
    public Task<int> RequestTelemetry() => DrainAsync(_requestTelemetry);

    [Benchmark(OperationsPerInvoke = Sample.Chunks)]
    public Task<int> RoutePlanning() => DrainAsync(_planning);

    /// <summary>With the attempt stage, which it makes anew for each attempt.</summary>
    [Benchmark(OperationsPerInvoke = Sample.Chunks)]
    public Task<int> FallbackAndAttempt() => DrainAsync(_fallback);

    private IChatClient Over(Func<ChatClientBuilder, ChatClientBuilder> stage) => stage(new ChatClientBuilder(_leaf)).Build();

    private async Task<int> DrainAsync(IChatClient client)
    {
        int updates = 0;
        await foreach (ChatResponseUpdate _ in client.GetStreamingResponseAsync(Messages, Host.Planned(_plan, Model, _workspace)))
        {
            updates++;
        }

        return updates;
    }
}
