using Router.Core.Catalog;

namespace Router.Core.Routing;

/// <summary>What a request needs of a model.</summary>
/// <param name="Features">What a model must be able to do.</param>
/// <param name="TextBytes">How much text goes in, in bytes of UTF-8, about; images and files do not count.</param>
public sealed record RequestNeeds(ModelFeatures Features, long TextBytes)
{
    /// <summary>Text of people and programs has fewer; what exceeds a context by this estimate obviously does.</summary>
    public const int MostBytesPerToken = 6;

    public static RequestNeeds None { get; } = new(ModelFeatures.Text, 0);

    public long LeastTokens => TextBytes / MostBytesPerToken;
}
