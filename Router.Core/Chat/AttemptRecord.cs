using Microsoft.Extensions.AI;
using Router.Core.Failures;
using Router.Core.Keys;
using Router.Core.Providers;
using Router.Core.Routing;

namespace Router.Core.Chat;

/// <summary>
/// What became of one plan entry: one upstream request, or a key not tried. The source of <c>metadata.attempts</c>.
/// Written by the attempt and fallback stages of one request only.
/// </summary>
public sealed class AttemptRecord(PlanEntry entry)
{
    public PlanEntry Entry { get; } = entry;

    public bool Skipped { get; init; }

    public DateTimeOffset StartedAt { get; init; }

    /// <summary>What the caller is told when nothing else was tried: no request could be made of what this entry was given. Null for other entries.</summary>
    public RouterError? Refusal { get; init; }

    /// <summary>The first byte of the request was given to a connection: the provider may have been called.</summary>
    public bool Begun { get; set; }

    /// <summary>All of the request was given to a connection: the provider may have been asked.</summary>
    public bool Sent { get; set; }

    /// <summary>True once the provider has answered in full.</summary>
    public bool Success { get; set; }

    /// <summary>True when the caller left before the attempt ended.</summary>
    public bool Cancelled { get; set; }

    public AttemptError? Error { get; set; }

    /// <summary>When the route may be tried again, by what its provider asked for or by what is known of its key.</summary>
    public DateTimeOffset? RetryAt { get; set; }

    /// <summary>When a stream gave its first update; everything before its first content comes with it, and of one that is held all.</summary>
    public TimeSpan? FirstUpdate { get; set; }

    /// <summary>When the first token came from the provider, held or not. Absent when none came.</summary>
    public TimeSpan? TimeToFirstToken { get; set; }

    public TimeSpan Duration { get; set; }

    public string? UpstreamRequestId { get; set; }

    /// <summary>As the provider counted it; null when it did not say.</summary>
    public UsageDetails? Usage { get; set; }

    /// <summary>What it used, counted or estimated; null where nothing can have been billed. Set when it has ended.</summary>
    public AttemptTokens? Tokens { get; internal set; }

    /// <summary>What the reader of a stream that is under way knows of its tokens.</summary>
    internal IMeter? Meter { get; set; }

    /// <summary>The provider has said how its answer ends: what it counted is all there is.</summary>
    internal bool Finished { get; set; }

    /// <summary>How long what the model has said is, of a stream and of an answer that nobody counted.</summary>
    internal long Characters { get; set; }

    /// <summary>Set when the request has ended.</summary>
    public AttemptCost Cost { get; internal set; }

    /// <summary>The key or token the request carried, to be kept out of what the provider says; null before the provider answered.</summary>
    internal Secret? Key { get; set; }

    /// <summary>The model a stream's first chunk names, whatever it says.</summary>
    internal string? FirstModel { get; set; }

    /// <summary>The model the provider says it used; of what is too long for a name, the beginning. Null where the name may be a key.</summary>
    public string? ResponseModel
    {
        get;
        set => field = value is { Length: > RouterOptions.LongestName } ? value[..RouterOptions.LongestName] : value;
    }

    /// <summary>How many pieces a stream has brought since its first content.</summary>
    public int Pieces { get; set; }

    /// <summary>Lines of the stream that were no JSON and were left out.</summary>
    public int MalformedLines { get; private set; }

    /// <summary>So many broken lines are no answer any more: to find out that one is broken costs more than to read a whole one.</summary>
    internal const int MostMalformedLines = 1_000;

    /// <summary>One broken line must not cost the caller the rest of the answer.</summary>
    /// <exception cref="ProviderException">There are too many of them.</exception>
    internal void AddMalformedLine(HttpResponseMessage http)
    {
        if (++MalformedLines > MostMalformedLines)
        {
            throw new ProviderException(FailureClass.Transient, $"The provider's stream holds more than {MostMalformedLines} lines that are no JSON.") { Status = (int)http.StatusCode };
        }
    }
}

/// <param name="Message">Ours, safe to show.</param>
public sealed record AttemptError(FailureClass Failure, int? Status, string Message, bool TimedOut = false, TimeSpan? RetryAfter = null)
{
    /// <summary>It was told in an answer that began well.</summary>
    public bool InAnswer { get; init; }

    /// <summary>There is no such key any more: nobody refused it.</summary>
    public bool KeyGone { get; init; }

    /// <summary>Of an entry that was not tried: what the caller is told when nothing else was either. Null where the verdict on the class says it.</summary>
    public RouterError? Told { get; init; }
}
