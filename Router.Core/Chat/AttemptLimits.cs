namespace Router.Core.Chat;

/// <summary>The limits of one attempt.</summary>
/// <param name="Header">To the response headers.</param>
/// <param name="FirstToken">From the start to the first content of a stream.</param>
/// <param name="Idle">Between two chunks, and between two reads of a JSON answer.</param>
/// <param name="Total">For the whole attempt.</param>
public sealed record AttemptLimits(TimeSpan Header, TimeSpan FirstToken, TimeSpan Idle, TimeSpan Total)
{
    /// <summary>The share of <see cref="Rescued"/> an attempt has: what is left is for the next route to begin in.</summary>
    private const double RescuedShare = 0.8;

    /// <summary>How long a token of a long JSON answer may take: Anthropic's own clients reckon with an hour for 128,000.</summary>
    private static readonly TimeSpan PerToken = TimeSpan.FromHours(1) / 128_000;

    /// <summary>A silent provider is given up inside 100 s, a stream's second try included. What is silent while it works has more time.</summary>
    public static AttemptLimits Default { get; } = new(TimeSpan.FromSeconds(45), TimeSpan.FromSeconds(45), TimeSpan.FromSeconds(90), TimeSpan.FromMinutes(30))
    {
        Answer = TimeSpan.FromSeconds(90),
        LongAnswer = TimeSpan.FromMinutes(5),
        Thinking = TimeSpan.FromMinutes(5),
        Rescued = TimeSpan.FromSeconds(15),
    };

    /// <summary>To the headers of a JSON answer, which many providers send with the whole of it; null: <see cref="Header"/>.</summary>
    public TimeSpan? Answer { get; init; }

    /// <summary>The most for one that reasons, or that the request allows to be long; null: no longer than others.</summary>
    public TimeSpan? LongAnswer { get; init; }

    /// <summary>To the headers and to the first content of a stream, where the model or the request says that it reasons; null: the same as for others.</summary>
    public TimeSpan? Thinking { get; init; }

    /// <summary>By when a stream is to have begun where another route may serve and nothing says that this one reasons; null: no sooner than others.</summary>
    public TimeSpan? Rescued { get; init; }

    /// <summary>These are the limits of such a stream.</summary>
    public bool IsRescued { get; private init; }

    /// <summary>How much of an answer is held back at most, in bytes of its chunks.</summary>
    public long HeldBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>Those of a JSON answer.</summary>
    public AttemptLimits OfAnswer() => Answer is { } answer ? this with { Header = answer } : this;

    /// <summary>Those of a JSON answer that may have so many tokens.</summary>
    public AttemptLimits OfLongAnswer(int tokens)
    {
        AttemptLimits usual = OfAnswer();
        TimeSpan needed = tokens * PerToken;
        return needed > usual.Header && LongAnswer > usual.Header ? this with { Header = needed < LongAnswer ? needed : LongAnswer.Value } : usual;
    }

    /// <summary>Those of a JSON answer that reasons first.</summary>
    public AttemptLimits OfThinkingAnswer() => LongAnswer is { } most ? this with { Header = most } : OfAnswer();

    /// <summary>Those of a stream that reasons.</summary>
    public AttemptLimits OfThinking() => Thinking is { } thinking ? this with { Header = thinking, FirstToken = thinking } : this;

    /// <summary>Those of a stream that another route may take over.</summary>
    public AttemptLimits OfRescued() => Rescued * RescuedShare is { } rescued && rescued < FirstToken ? this with { FirstToken = rescued, IsRescued = true } : this;
}
