using Router.Core.Failures;
using Router.Core.Keys;

namespace Router.Core.Providers;

/// <summary>Puts a key on a request message: the only place that reveals one.</summary>
public static class ProviderAuth
{
    /// <summary>What is said of a key that cannot be sent.</summary>
    public const string Unsendable = "The key holds characters that no header can carry. Save it again.";

    /// <exception cref="ProviderException">
    /// No header can carry the key. Every way in refuses such a text; one that was stored before, or made by other code, ends here and
    /// not in the transport, whose failure would look like the provider's.
    /// </exception>
    public static void Apply(HttpRequestMessage request, AuthScheme scheme, Secret key)
    {
        if (!KeyText.IsSendable(key.Reveal()))
        {
            throw new ProviderException(FailureClass.Credential, Unsendable);
        }

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
