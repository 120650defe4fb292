using Router.Core.Providers;

namespace Router.Core.Routing;

/// <summary>Why a route, or the system key of one, is not in the plan.</summary>
public enum ExclusionReason
{
    /// <summary>The request's <c>ignore</c> names it.</summary>
    Ignored,

    /// <summary>The request's <c>provider.only</c> does not name its provider.</summary>
    NotInOnly,

    /// <summary>The workspace's policy does not allow its provider.</summary>
    Policy,

    /// <summary>It cannot do what the request needs.</summary>
    NotSuitable,

    /// <summary>It is on its way out, or no general chat model, and the request does not name it.</summary>
    OnlyWhenNamed,

    /// <summary>Only the system key could serve, and the request or the policy forbids it.</summary>
    ByokOnly,

    /// <summary>The request's own key may not be followed by the system key.</summary>
    SystemKeyOff,

    /// <summary>There is no key for its provider.</summary>
    NoKey,

    /// <summary><c>provider.allow_fallbacks</c> is false and another route ranks before it.</summary>
    FallbacksOff,

    /// <summary>Enough routes rank before it.</summary>
    BeyondLimit,
}

/// <param name="SystemKeyOnly">The route itself is in the plan; only its system key is not.</param>
public sealed record Exclusion(Provider Provider, string Model, ExclusionReason Reason, string Message, bool SystemKeyOnly);
