using System.Collections.Frozen;
using System.Diagnostics;
using Microsoft.Extensions.AI;
using Router.Core.Failures;
using Router.Core.Keys;
using Router.Core.Providers;
using Router.Core.Routing;
using Router.Core.Telemetry;

namespace Router.Core.Chat;

/// <summary>
/// Turns the model name into an ordered plan. Accepts any chat options: an in-process caller without
/// <see cref="RouterChatOptions"/> acts for the operator and is served with system keys.
/// </summary>
public sealed class RoutePlanningChatClient(IChatClient inner, RoutingKnowledge knowledge, Exploration exploration, TimeSpan deadline, TimeProvider time) : DelegatingChatClient(inner)
{
    private readonly PlanMemo _plans = new(knowledge.Health, knowledge.Providers);

    private static readonly Workspace Operator = new("operator", "Operator", WorkspacePolicy.Default, FrozenDictionary<string, ProviderKey>.Empty);

    public override Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        base.GetResponseAsync(messages, Plan(messages, options), cancellationToken);

    public override IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        base.GetStreamingResponseAsync(messages, Plan(messages, options), cancellationToken);

    private RouterChatOptions Plan(IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        RouterChatOptions planned = options as RouterChatOptions ?? ForOperator(options);
        RouteRequest request = planned.Request;
        long started = Stopwatch.GetTimestamp();
        request.Plan = _plans.Find(request.Workspace, request.Model, request.Options) ?? Make(messages, planned);
        request.PlanDuration = Stopwatch.GetElapsedTime(started);
        request.Deadline = time.GetUtcNow() + (request.Options.Fallback.Deadline ?? deadline);
        return planned;
    }

    private AttemptPlan Make(IEnumerable<ChatMessage> messages, RouterChatOptions planned)
    {
        RouteRequest request = planned.Request;
        AttemptPlan plan = RoutePlanner.Plan(
            new PlanInput(request.Model, request.Options, request.Workspace)
            {
                Needs = request.Source is { } source ? source.Needs : () => TypedNeeds.Of(messages, planned),
                // A model at a provider leaves nothing to choose.
                Explore = request.Model.Contains('/', StringComparison.Ordinal) ? null : exploration.Next(),
            },
            knowledge);
        _plans.Keep(request.Workspace, request.Model, request.Options, plan);
        return plan;
    }

    private static RouterChatOptions ForOperator(ChatOptions? options)
    {
        string model = options?.ModelId ?? throw new RouterException(RouterError.InvalidRequest("A model is required.", "model"));
        return RouterChatOptions.From(options, new RouteRequest { Workspace = Operator, Model = model });
    }
}
