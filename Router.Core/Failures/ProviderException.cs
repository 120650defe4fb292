namespace Router.Core.Failures;

/// <summary>
/// An attempt failed. Thrown by a dialect's leaf and by the attempt stage, before or after first content. The message is
/// ours and safe to show; what the provider wrote is in <see cref="UpstreamError"/>, has passed <see cref="UpstreamErrorGate"/> and goes only where it may.
/// </summary>
public sealed class ProviderException(FailureClass failure, string message, Exception? inner = null) : Exception(message, inner)
{
    public FailureClass Failure { get; } = failure;

    /// <summary>The provider's HTTP status; null when no answer came.</summary>
    public int? Status { get; init; }

    /// <summary>What the provider asked for.</summary>
    public TimeSpan? RetryAfter { get; init; }

    public string? UpstreamRequestId { get; init; }

    /// <summary>True when one of our time limits ended the attempt.</summary>
    public bool TimedOut { get; init; }

    /// <summary>
    /// The class was told by the wording alone. Providers repeat what a caller sent, so wording never changes the health of a
    /// key that others share.
    /// </summary>
    public bool ByWording { get; init; }

    /// <summary>The provider's own error, for faults of the caller; null otherwise.</summary>
    /// <remarks>Replaced by the attempt stage, which knows more keys than the leaf.</remarks>
    public UpstreamError? UpstreamError { get; internal set; }
}

/// <summary>A provider's error in OpenAI's terms.</summary>
/// <param name="Raw">The value of its <c>error</c> member, when it came in OpenAI's envelope; passed on as it is.</param>
public sealed record UpstreamError(string Message, string? Type, string? Code, string? Param, ReadOnlyMemory<byte>? Raw = null);
