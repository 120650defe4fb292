using System.Net.Http.Headers;
using Router.Core.Keys;

namespace Router.Core.Providers.Gemini.Vertex;

/// <summary>
/// The request that proves a Vertex key. A token made anew proves the key pair; the call made with it proves the project,
/// that the API is enabled, and the role.
/// </summary>
internal static class VertexProbe
{
    public static async Task<HttpRequestMessage> CreateAsync(Provider provider, HttpMessageInvoker http, Secret key, TimeProvider time, CancellationToken cancellationToken)
    {
        VertexCredential credential = VertexCredential.Parse(key);
        if (credential.Account is not { } account)
        {
            return Create(provider with { BaseUrl = VertexAddress.Express(provider) }, AuthScheme.XGoogApiKey, credential.ApiKey!);
        }

        var exchange = new VertexTokenExchange(http, VertexAddress.Tokens(provider), time);
        VertexGrant grant = await exchange.RequestAsync(account, cancellationToken).ConfigureAwait(false);
        Uri project = VertexAddress.Project(provider, credential.Project, credential.Location);
        return Create(provider with { BaseUrl = new Uri($"{project}/publishers/google") }, AuthScheme.Bearer, grant.Token);
    }

    private static HttpRequestMessage Create(Provider at, AuthScheme auth, Secret token)
    {
        KeyCheck check = at.Definition.KeyCheck;
        var request = new HttpRequestMessage(HttpMethod.Post, at.Resolve(check.Url))
        {
            Content = new StringContent(check.Body ?? "", new MediaTypeHeaderValue("application/json")),
        };
        ProviderAuth.Apply(request, auth, token);
        return request;
    }
}
