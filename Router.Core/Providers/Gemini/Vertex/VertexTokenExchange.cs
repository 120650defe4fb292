using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Router.Core.Failures;
using Router.Core.Keys;
using Router.Core.Wire;

namespace Router.Core.Providers.Gemini.Vertex;

/// <summary>An access token and when it ends.</summary>
internal sealed record VertexGrant(Secret Token, DateTimeOffset Expires);

/// <summary>
/// Exchanges a service account's signed assertion for an access token (RFC 7523, with RS256), over the providers' transport.
/// One call is one HTTP request.
/// </summary>
/// <param name="endpoint">Given by the operator's side; what a key file says of it is ignored.</param>
internal sealed class VertexTokenExchange(HttpMessageInvoker http, Uri endpoint, TimeProvider time)
{
    private const string Scope = "https://www.googleapis.com/auth/cloud-platform";
    private const string GrantType = "urn:ietf:params:oauth:grant-type:jwt-bearer";
    private const int LargestAnswer = 64 * 1024;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    /// <summary>The longest that Google lets an assertion or a token last.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    /// <exception cref="ProviderException">The account is refused, or the endpoint cannot be reached.</exception>
    public async Task<VertexGrant> RequestAsync(ServiceAccount account, CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(Limit, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timer.Token);
        DateTimeOffset asked = time.GetUtcNow();
        using var request = new HttpRequestMessage(HttpMethod.Post, endpoint)
        {
            Content = new FormUrlEncodedContent([new("grant_type", GrantType), new("assertion", Assertion(account, asked))]),
        };
        try
        {
            using HttpResponseMessage response = await http.SendAsync(request, linked.Token).ConfigureAwait(false);
            EncodedAnswer.Decode(response);
            await response.Content.LoadIntoBufferAsync(LargestAnswer, linked.Token).ConfigureAwait(false);
            if (!response.IsSuccessStatusCode)
            {
                throw Refused((int)response.StatusCode, await response.Content.ReadAsByteArrayAsync(linked.Token).ConfigureAwait(false));
            }

            return Read(await response.Content.ReadAsByteArrayAsync(linked.Token).ConfigureAwait(false), asked, account.PrivateKey);
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new ProviderException(FailureClass.Transient, "Google's token endpoint could not be reached.", e);
        }
    }

    /// <summary>Whether assertions can be signed for the account at all, without asking anybody.</summary>
    /// <exception cref="ProviderException">Its private key is none.</exception>
    public static void Check(ServiceAccount account) => Sign(account.PrivateKey, []);

    private string Assertion(ServiceAccount account, DateTimeOffset now)
    {
        byte[] header = JsonText.Write(account.KeyId, static (writer, keyId) =>
        {
            writer.WriteStartObject();
            writer.WriteString("alg", "RS256");
            writer.WriteString("typ", "JWT");
            if (keyId is not null)
            {
                writer.WriteString("kid", keyId);
            }

            writer.WriteEndObject();
        });
        byte[] claims = JsonText.Write((account.Email, endpoint, now), static (writer, of) =>
        {
            writer.WriteStartObject();
            writer.WriteString("iss", of.Email);
            writer.WriteString("scope", Scope);
            writer.WriteString("aud", of.endpoint.AbsoluteUri);
            writer.WriteNumber("iat", of.now.ToUnixTimeSeconds());
            writer.WriteNumber("exp", (of.now + Longest).ToUnixTimeSeconds());
            writer.WriteEndObject();
        });
        string said = $"{Base64Url.EncodeToString(header)}.{Base64Url.EncodeToString(claims)}";
        return $"{said}.{Base64Url.EncodeToString(Sign(account.PrivateKey, Encoding.ASCII.GetBytes(said)))}";
    }

    private static byte[] Sign(Secret privateKey, byte[] said)
    {
        using RSA? rsa = ServiceAccountText.Import(privateKey.Reveal());
        try
        {
            return rsa?.SignData(said, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1) ?? throw Unusable();
        }
        catch (CryptographicException)
        {
            // Its words may hold the key.
            throw Unusable();
        }

        static ProviderException Unusable() => new(FailureClass.Credential, $"The service account's private_key is no RSA private key in PEM form of at most {ServiceAccountText.MostKeyBits} bits.");
    }

    private static VertexGrant Read(byte[] body, DateTimeOffset asked, Secret privateKey)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(JsonUnicode.Mend(body), JsonDepth.Document);
            if (GeminiJson.Text(document.RootElement, "access_token") is { Length: > 0 } token && KeyText.IsSendable(token))
            {
                double seconds = GeminiJson.Member(document.RootElement, "expires_in") is { ValueKind: JsonValueKind.Number } lasts ? lasts.GetDouble() : 0;
                return new VertexGrant(new Secret(token) { Origin = privateKey }, asked + TimeSpan.FromSeconds(Math.Clamp(seconds, 0, Longest.TotalSeconds)));
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Said below, without its words: what was sent may hold a token.
        }

        throw new ProviderException(FailureClass.Transient, "Google's token endpoint answered without a token.");
    }

    /// <summary>Only the endpoint's own refusal is about the account: a proxy's page says nothing of it.</summary>
    private static ProviderException Refused(int status, byte[] body) => status is >= 500 or (int)HttpStatusCode.RequestTimeout or (int)HttpStatusCode.TooManyRequests || !KeyProof.IsRefusal(body)
        ? new ProviderException(FailureClass.Transient, $"Google's token endpoint failed or is overloaded (HTTP {status}).") { Status = status }
        : new ProviderException(FailureClass.Credential, "Google refused the service account: its key is deleted or wrong, the account is gone or disabled, or this server's clock is off.") { Status = status };
}
