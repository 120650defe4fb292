namespace Router.Api.Studio;

/// <summary><c>Router:Studio</c>.</summary>
public sealed class StudioSettings
{
    public const string Section = "Router:Studio";

    private const string Placeholder = "{traceId}";

    /// <summary>Where a trace is to be seen, with <c>{traceId}</c> for its id; empty: traces are named, not linked.</summary>
    public string TraceUrl { get; init; } = "";

    public bool IsUsable => TraceUrl.Length == 0
        || (TraceUrl.Contains(Placeholder, StringComparison.Ordinal)
            && Uri.TryCreate(TraceUrl.Replace(Placeholder, "0", StringComparison.Ordinal), UriKind.Absolute, out var url)
            && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps));

    /// <returns>Null when nobody said where traces are.</returns>
    public string? LinkTo(string traceId) =>
        TraceUrl.Length == 0 ? null : TraceUrl.Replace(Placeholder, Uri.EscapeDataString(traceId), StringComparison.Ordinal);
}
