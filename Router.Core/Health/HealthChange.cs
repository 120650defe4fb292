using Router.Core.Failures;

namespace Router.Core.Health;

/// <summary>One change of a credential's health, as replicas tell each other.</summary>
/// <param name="Model">The model a rate limit holds for; empty for the whole key.</param>
/// <param name="Reason"><see cref="FailureClass.Unknown"/>: the credential is good again.</param>
/// <param name="For">How long from now, so that skewed clocks do not matter; null only for what is good again.</param>
public sealed record HealthChange(string CredentialId, string Model, FailureClass Reason, TimeSpan? For)
{
    /// <summary>The W3C trace context of the request that brought it about; stays on this replica.</summary>
    public string? Traceparent { get; init; }

    public bool IsCleared => Reason == FailureClass.Unknown;

    /// <summary>A key brought by a request is this replica's business only: it is in no list of ours.</summary>
    public bool IsShared => !CredentialId.StartsWith("runtime:", StringComparison.Ordinal);
}

/// <summary>A saved key failed a request: the worker should look at it early.</summary>
public sealed record RecheckRequest(Guid Id, string WorkspaceId, int Version, string? Traceparent);
