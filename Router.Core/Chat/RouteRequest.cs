using Microsoft.Extensions.AI;
using Router.Core.Chat.State;
using Router.Core.Failures;
using Router.Core.Keys;
using Router.Core.Routing;
using Router.Core.Routing.SavedRouters;
using Router.Core.Telemetry;

namespace Router.Core.Chat;

/// <summary>The one mutable thing of a request: what was asked, what was planned, what happened.</summary>
public sealed class RouteRequest
{
    public required Workspace Workspace { get; init; }

    /// <summary>The model as the caller, or the saved router it called, named it.</summary>
    public required string Model { get; init; }

    /// <summary>The saved router that named the model; null where the caller did.</summary>
    public SavedRouterUse? SavedRouter { get; init; }

    public RouterOptions Options { get; init; } = RouterOptions.None;

    /// <summary>Null where the typed view is all there is.</summary>
    public IRequestSource? Source { get; init; }

    /// <summary>The trace it belongs to; null without telemetry.</summary>
    public string? TraceId { get; internal set; }

    /// <summary>How long making the plan took; null where none was made.</summary>
    public TimeSpan? PlanDuration { get; internal set; }

    /// <summary>How long all of it took; set when it has ended.</summary>
    public TimeSpan Duration { get; internal set; }

    /// <summary>The public id of the router API key it came with; null in-process.</summary>
    public string? RouterKeyId { get; set; }

    public bool Stream { get; set; }

    /// <summary>The tokens of its attempts so far, counted or estimated: what its receipts say together.</summary>
    public long Tokens
    {
        get
        {
            long all = 0;
            foreach (AttemptRecord attempt in Attempts)
            {
                all += attempt.Tokens is { Counts: var counts } ? counts.Input + counts.Output : 0;
            }

            return all;
        }
    }

    /// <summary>About how many tokens its prompt is. Not to be asked once the request has been answered, like <see cref="Source"/>.</summary>
    internal long EstimatePrompt(IEnumerable<ChatMessage> messages, ChatOptions? options) =>
        _promptTokens ??= Source?.PromptTokens() ?? TokenEstimate.OfPrompt(messages, options);

    private long? _promptTokens;

    /// <summary>The same for the journal of what runs, which asks on a thread of its own and is the only one to use this.</summary>
    internal long? NotedPromptTokens { get; set; }

    /// <summary>UUID version 7: sorts by time.</summary>
    public string GenerationId
    {
        get => field ??= RequestIds.New(DateTimeOffset.UtcNow).ToString();
        set;
    }

    public AttemptPlan? Plan { get; set; }

    public List<AttemptRecord> Attempts { get; } = [];

    /// <summary>What the caller is told beside the answer.</summary>
    public CappedSet Warnings { get; } = new("There are {0} more warnings of this request.");

    /// <summary>How many upstream requests have been made.</summary>
    public int UpstreamRequests
    {
        get
        {
            int made = 0;
            foreach (AttemptRecord attempt in Attempts)
            {
                made += attempt.Skipped ? 0 : 1;
            }

            return made;
        }
    }

    /// <summary>When every attempt must be over, as a <see cref="TimeProvider"/> timestamp; set by the planning stage.</summary>
    public DateTimeOffset Deadline { get; set; } = DateTimeOffset.MaxValue;

    /// <summary>The request says that the model is to reason before it speaks.</summary>
    internal bool AsksToReason => _asksToReason ??= Source?.AsksToReason() ?? false;

    private bool? _asksToReason;

    /// <summary>The last failure of an attempt.</summary>
    internal ProviderException? LastFailure { get; set; }

    /// <summary>Position in the plan of the entry tried last.</summary>
    internal int Position { get; set; } = -1;

    /// <summary>The failure of the first model whose context the prompt exceeds.</summary>
    internal ProviderException? TooLong { get; set; }

    /// <summary>The models of the plan that were put behind all others.</summary>
    internal HashSet<int>? PutOff { get; set; }

    /// <summary>The route that had its second try before the next model was tried.</summary>
    internal PlanEntry? RepeatedEarly { get; set; }

    /// <summary>The entry whose key took another's place before that was sent: it is tried next.</summary>
    internal PlanEntry? Renewed { get; set; }

    /// <summary>True once that has happened.</summary>
    internal bool WasRenewed { get; set; }

    /// <summary>True once a route with a passing trouble has had its second try.</summary>
    internal bool Repeated { get; set; }

    /// <summary>The opaque state in the conversation; null until somebody looked.</summary>
    internal OpaqueState? OpaqueState { get; set; }

    /// <summary>What a provider refused as not its own.</summary>
    internal OpaqueState Disowned { get; set; }

    /// <summary>True once a rate limit has been waited for.</summary>
    internal bool Waited { get; set; }
}
