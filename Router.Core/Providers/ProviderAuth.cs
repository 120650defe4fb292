using Router.Core.Keys;

namespace Router.Core.Providers;

/// <summary>Puts a key on a request message: the only place that reveals one.</summary>
public static class ProviderAuth
{
    public static void Apply(HttpRequestMessage request, AuthScheme scheme, Secret key)
    {
        switch (scheme)
        {
            case AuthScheme.Bearer:
                request.Headers.TryAddWithoutValidation("Authorization", key.RevealBearer());
                break;
            case AuthScheme.XApiKey:
                request.Headers.TryAddWithoutValidation("x-api-key", key.Reveal());
                break;
            case AuthScheme.XGoogApiKey:
                request.Headers.TryAddWithoutValidation("x-goog-api-key", key.Reveal());
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(scheme), scheme, null);
        }
    }
}
