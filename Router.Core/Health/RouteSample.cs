namespace Router.Core.Health;

/// <summary>What one finished attempt, or the sum of several, adds to a route's window. Sums, so that windows of replicas add up.</summary>
/// <param name="Attempts">How many attempts; a fraction once they have aged.</param>
/// <param name="Failures">How many of them failed for a reason of the provider's own.</param>
/// <param name="Streams">How many of them gave a time to first token.</param>
/// <param name="LatencySeconds">The sum of those times.</param>
/// <param name="Tokens">Output tokens of attempts that told their number.</param>
/// <param name="TokenSeconds">How long those attempts took altogether.</param>
public readonly record struct RouteSample(double Attempts, double Failures, double Streams, double LatencySeconds, double Tokens, double TokenSeconds)
{
    public static RouteSample Failure { get; } = new(1, 1, 0, 0, 0, 0);

    /// <param name="firstToken">Null for an answer that was not streamed.</param>
    /// <param name="tokens">Null when the provider did not say.</param>
    public static RouteSample Success(TimeSpan? firstToken, long? tokens, TimeSpan duration)
    {
        bool counted = tokens > 0 && duration > TimeSpan.Zero;
        return new(1, 0, firstToken is null ? 0 : 1, firstToken?.TotalSeconds ?? 0, counted ? tokens!.Value : 0, counted ? duration.TotalSeconds : 0);
    }

    /// <summary>False for what no attempt can add up to, such as what a foreign message may hold.</summary>
    public bool IsSound =>
        Sound(Attempts) && Sound(Failures) && Sound(Streams) && Sound(LatencySeconds) && Sound(Tokens) && Sound(TokenSeconds)
        && Attempts > 0 && Failures <= Attempts && Streams <= Attempts;

    public static RouteSample operator +(RouteSample a, RouteSample b) =>
        new(a.Attempts + b.Attempts, a.Failures + b.Failures, a.Streams + b.Streams, a.LatencySeconds + b.LatencySeconds, a.Tokens + b.Tokens, a.TokenSeconds + b.TokenSeconds);

    public static RouteSample operator *(RouteSample a, double weight) =>
        new(a.Attempts * weight, a.Failures * weight, a.Streams * weight, a.LatencySeconds * weight, a.Tokens * weight, a.TokenSeconds * weight);

    private static bool Sound(double value) => value is >= 0 and <= 1e12;
}
