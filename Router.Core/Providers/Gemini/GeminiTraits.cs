namespace Router.Core.Providers.Gemini;

/// <summary>Where the two homes of the dialect differ.</summary>
/// <param name="CallIds">Function calls and responses may carry an id; else they are matched by name and order.</param>
/// <param name="FetchesUrls">The vendor fetches public https addresses and the caller's cloud storage by itself.</param>
internal sealed record GeminiTraits(bool CallIds, bool FetchesUrls)
{
    public static GeminiTraits Studio { get; } = new(CallIds: true, FetchesUrls: false);

    public static GeminiTraits Vertex { get; } = new(CallIds: false, FetchesUrls: true);
}
