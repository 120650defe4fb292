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

    /// <summary>Told in an answer that began well: the status, if any, is the body's word.</summary>
    public bool InAnswer { get; init; }

    /// <summary>What the provider asked for.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>What it asked for in a sentence, where nothing else says it.</summary>
    public TimeSpan? RetryAfterInWords { get; init; }

    public string? UpstreamRequestId { get; init; }

    /// <summary>True when one of our time limits ended the attempt.</summary>
    public bool TimedOut { get; init; }

    /// <summary>
    /// The class needed the wording. Providers repeat what a caller sent, so wording decides what this request tries next, and
    /// never anything of a key that others share.
    /// </summary>
    public bool ByWording { get; init; }

    /// <summary>
    /// It holds for this request alone: one that is too large for its key's minute, a model's slip over the tools it was given. Neither
    /// the key nor the route is the worse for it.
    /// </summary>
    public bool OfRequest { get; init; }

    /// <summary>What the provider counted before the answer came to nothing; null where it counted nothing.</summary>
    public Microsoft.Extensions.AI.UsageDetails? Usage { get; init; }

    /// <summary>The provider's own error, where its words are of use (<see cref="Words"/>); null otherwise.</summary>
    /// <remarks>Replaced by the attempt stage, which knows more keys than the leaf.</remarks>
    public UpstreamError? UpstreamError { get; internal set; }
}

/// <summary>A provider's error in OpenAI's terms.</summary>
/// <param name="Raw">The value of its <c>error</c> member, when it came in OpenAI's envelope; passed on as it is.</param>
public sealed record UpstreamError(string Message, string? Type, string? Code, string? Param, ReadOnlyMemory<byte>? Raw = null);
