namespace Router.Tests.Chat;

/// <summary>Which keys and models a request may fall back on, and which of them are faulty.</summary>
public enum Chain
{
    /// <summary>The own key alone, faulty.</summary>
    Alone,

    /// <summary>The own key, faulty, then the system key.</summary>
    System,

    /// <summary>The own key, faulty, then another provider's model with a key of its own.</summary>
    Model,

    /// <summary>The own key and the system key, both faulty, then another provider's model.</summary>
    Both,

    /// <summary>Two models of one provider, each with own and system key, all faulty.</summary>
    Hopeless,
}

/// <param name="Attempts">In order: <c>own system other</c>, <c>own2 system2</c> for the second model of a provider.</param>
/// <param name="Status">Of the answer; 200 with a <paramref name="Code"/> is an error inside a stream.</param>
/// <param name="Code">Null for a whole answer.</param>
public sealed record Expectation(string Attempts, int Status, string? Code);

/// <summary>The failure table of the public contract, written out: what each effect comes to in each chain.</summary>
public static class FaultExpectations
{
    public static Expectation Of(Effect effect, Chain chain, int callerStatus, bool stream) => effect switch
    {
        Effect.None => new("own:ok", 200, null),
        Effect.Credential => OfKey(chain, "credential", 424, "provider_credential_invalid"),
        Effect.Quota => OfKey(chain, "quota", 424, "provider_credential_quota"),
        Effect.RateLimit => OfKey(chain, "rate_limit", 429, "all_attempts_rate_limited"),
        Effect.BriefRateLimit => AfterWait(chain),
        Effect.ModelAccess => OfKey(chain, "model_access", 404, "model_not_found"),
        Effect.RegionBlocked => OfPlace(chain),
        Effect.Transient => OfRoute(chain, 502, "all_attempts_failed"),
        Effect.ServerError => OfServer(chain),
        Effect.ContextLength => OfContext(chain, callerStatus),
        Effect.Silent => stream ? OfRoute(chain, 504, "all_attempts_timed_out") : OfLateAnswer(chain),
        Effect.CallerFault => new("own:caller_fault", callerStatus, ""),
        Effect.Unknown => new("own:unknown", 502, "all_attempts_failed"),
        Effect.Broken => new("own:transient", 200, "all_attempts_failed"),
        _ => new("own:transient", 200, "all_attempts_timed_out"),
    };

    /// <summary>The key is the trouble: the system key may serve, then the next model.</summary>
    private static Expectation OfKey(Chain chain, string failure, int status, string code) => chain switch
    {
        Chain.Alone => new($"own:{failure}", status, code),
        Chain.System => new($"own:{failure} system:ok", 200, null),
        Chain.Model => new($"own:{failure} other:ok", 200, null),
        Chain.Both => new($"own:{failure} system:{failure} other:ok", 200, null),
        _ => new($"own:{failure} system:{failure} own2:{failure} system2:{failure}", status, code),
    };

    /// <summary>
    /// The last key of the first model is tried once more before the next model, here in vain; with nothing left in the chain the
    /// route whose limit ends first, unless it is that one.
    /// </summary>
    private static Expectation AfterWait(Chain chain) => chain switch
    {
        Chain.Alone => new("own:rate_limit own:rate_limit", 429, "all_attempts_rate_limited"),
        Chain.System => new("own:rate_limit system:ok", 200, null),
        Chain.Model => new("own:rate_limit own:rate_limit other:ok", 200, null),
        Chain.Both => new("own:rate_limit system:rate_limit system:rate_limit other:ok", 200, null),
        _ => new("own:rate_limit system:rate_limit system:rate_limit own2:rate_limit system2:rate_limit own:rate_limit", 429, "all_attempts_rate_limited"),
    };

    /// <summary>The first model is tried once more before the next; the last of the chain at its end.</summary>
    private static Expectation OfServer(Chain chain) => chain switch
    {
        Chain.Alone or Chain.System => new("own:transient own:transient", 502, "all_attempts_failed"),
        Chain.Model or Chain.Both => new("own:transient own:transient other:ok", 200, null),
        _ => new("own:transient own:transient own2:transient own2:transient", 502, "all_attempts_failed"),
    };

    /// <summary>No key of this model helps, another model may; with none left it is the caller's.</summary>
    private static Expectation OfContext(Chain chain, int status) => chain switch
    {
        Chain.Alone or Chain.System => new("own:context_length", status, ""),
        Chain.Model or Chain.Both => new("own:context_length other:ok", 200, null),
        _ => new("own:context_length own2:context_length", status, ""),
    };

    /// <summary>The place is the trouble: no key of this provider helps, another model may.</summary>
    private static Expectation OfPlace(Chain chain) => chain switch
    {
        Chain.Alone or Chain.System => new("own:region_blocked", 403, "permission_denied"),
        Chain.Model or Chain.Both => new("own:region_blocked other:ok", 200, null),
        _ => new("own:region_blocked own2:region_blocked", 403, "permission_denied"),
    };

    /// <summary>A JSON answer that is late may be at work: its route is not asked for it again.</summary>
    private static Expectation OfLateAnswer(Chain chain) => chain switch
    {
        Chain.Alone or Chain.System => new("own:transient", 504, "all_attempts_timed_out"),
        Chain.Model or Chain.Both => new("own:transient other:ok", 200, null),
        _ => new("own:transient own2:transient", 504, "all_attempts_timed_out"),
    };

    /// <summary>The route is the trouble, for now: the next model; with none left one more try on the same route.</summary>
    private static Expectation OfRoute(Chain chain, int status, string code) => chain switch
    {
        Chain.Alone or Chain.System => new("own:transient own:transient", status, code),
        Chain.Model or Chain.Both => new("own:transient other:ok", 200, null),
        _ => new("own:transient own2:transient own2:transient", status, code),
    };
}
