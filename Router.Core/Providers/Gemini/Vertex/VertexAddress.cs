namespace Router.Core.Providers.Gemini.Vertex;

/// <summary>
/// Where Vertex is reached: the vendor's host of a location, or, where the operator or the simulator gave another base, that
/// one for everything, tokens too. Nothing a tenant wrote names a host.
/// </summary>
internal static class VertexAddress
{
    private const string GoogleHosts = ".googleapis.com";

    private static readonly Uri GoogleTokens = new("https://oauth2.googleapis.com/token");

    /// <summary>The endpoint that gives tokens for service accounts.</summary>
    public static Uri Tokens(Provider provider) =>
        provider.BaseUrl.Host.EndsWith(GoogleHosts, StringComparison.Ordinal) ? GoogleTokens : provider.Resolve("/token");

    /// <summary>The base of a project's calls in a location.</summary>
    public static Uri Project(Provider provider, string project, string location) =>
        new($"{Root(provider, location)}/projects/{project}/locations/{location}");

    /// <summary>The base of calls by API key, which know no project.</summary>
    public static Uri Express(Provider provider) => new($"{provider.BaseUrl.AbsoluteUri.TrimEnd('/')}/publishers/google");

    private static string Root(Provider provider, string location)
    {
        string configured = provider.BaseUrl.AbsoluteUri.TrimEnd('/');
        if (provider.BaseUrl != provider.Definition.BaseUrl)
        {
            return configured;
        }

        string host = location switch
        {
            "global" => provider.BaseUrl.Host,
            "us" or "eu" => $"aiplatform.{location}.rep.googleapis.com",
            _ => $"{location}-aiplatform.googleapis.com",
        };
        return $"https://{host}{provider.BaseUrl.AbsolutePath.TrimEnd('/')}";
    }
}
