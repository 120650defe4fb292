namespace Router.Core.Failures;

/// <summary>
/// What a failed attempt says about the key, the route or the request. Every failure gets a class in its dialect's
/// errors file; what follows from a class is decided in <see cref="FailureConsequences"/> and nowhere else.
/// </summary>
public enum FailureClass
{
    /// <summary>No rule names it: neither retried nor rotated.</summary>
    Unknown,

    /// <summary>The key is wrong, expired or revoked.</summary>
    Credential,

    /// <summary>The key's account has no credit, or reached its spending limit.</summary>
    Quota,

    /// <summary>The key is asked to slow down.</summary>
    RateLimit,

    /// <summary>The model is not available to this key.</summary>
    ModelAccess,

    /// <summary>The provider refuses the location.</summary>
    RegionBlocked,

    /// <summary>The provider or the network failed: 5xx, connect, read, timeout, error event or cut before first content.</summary>
    Transient,

    /// <summary>The prompt is too long for this model; one with a longer context may take it.</summary>
    ContextLength,

    /// <summary>The conversation holds opaque state that belongs to another key.</summary>
    Affinity,

    /// <summary>The request itself is refused; another key would not help.</summary>
    CallerFault,

    /// <summary>The router was stopped while the answer was under way: nobody's fault but ours.</summary>
    ShuttingDown,

    /// <summary>The provider's dialect cannot carry the request. Told before anything is sent, so never of an attempt.</summary>
    Unsupported,
}
