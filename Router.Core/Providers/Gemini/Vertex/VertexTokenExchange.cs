using Google.Apis.Auth.OAuth2;
using Google.Apis.Auth.OAuth2.Responses;
using Google.Apis.Http;
using Google.Apis.Util;
using Router.Core.Failures;
using Router.Core.Keys;

namespace Router.Core.Providers.Gemini.Vertex;

/// <summary>An access token and when it ends.</summary>
internal sealed record VertexGrant(Secret Token, DateTimeOffset Expires);

/// <summary>
/// Exchanges a service account's signed assertion for an access token, by Google's own library over the providers' transport.
/// One call is one HTTP request: the library's retries are left out.
/// </summary>
/// <param name="endpoint">Given by the operator's side; what a key file says of it is ignored.</param>
internal sealed class VertexTokenExchange(HttpMessageInvoker http, Uri endpoint, TimeProvider time)
{
    private const string Scope = "https://www.googleapis.com/auth/cloud-platform";
    private const int LargestAnswer = 64 * 1024;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    /// <exception cref="ProviderException">The account is refused, or the endpoint cannot be reached.</exception>
    public async Task<VertexGrant> RequestAsync(ServiceAccount account, CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(Limit, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timer.Token);
        ServiceAccountCredential credential = Open(account);
        try
        {
            DateTimeOffset asked = time.GetUtcNow();
            await credential.RequestAccessTokenAsync(linked.Token).ConfigureAwait(false);
            TokenResponse answer = credential.Token;
            return string.IsNullOrEmpty(answer.AccessToken)
                ? throw new ProviderException(FailureClass.Transient, "Google's token endpoint answered without a token.")
                : new VertexGrant(new Secret(answer.AccessToken), asked + TimeSpan.FromSeconds(Math.Clamp(answer.ExpiresInSeconds ?? 0, 0, 3600)));
        }
        catch (TokenResponseException e)
        {
            throw Refused(e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new ProviderException(FailureClass.Transient, "Google's token endpoint could not be reached.", e);
        }
        finally
        {
            credential.Key.Dispose();
        }
    }

    private ServiceAccountCredential Open(ServiceAccount account)
    {
        try
        {
            return new ServiceAccountCredential(new ServiceAccountCredential.Initializer(account.Email, endpoint.AbsoluteUri)
            {
                KeyId = account.KeyId,
                Scopes = [Scope],
                Clock = new Clock(time),
                HttpClientFactory = new Transport(http),
                DefaultExponentialBackOffPolicy = ExponentialBackOffPolicy.None,
            }.FromPrivateKey(account.PrivateKey.Reveal()));
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The library throws what its parser happens to throw; its words may hold the key.
            throw new ProviderException(FailureClass.Credential, "The service account's private_key is no PKCS#8 key in PEM form.");
        }
    }

    private static ProviderException Refused(TokenResponseException error)
    {
        int? status = error.StatusCode is { } code ? (int)code : null;
        return status is >= 500 or 408 or 429
            ? new ProviderException(FailureClass.Transient, $"Google's token endpoint failed or is overloaded (HTTP {status}).") { Status = status }
            : new ProviderException(FailureClass.Credential, "Google refused the service account: its key is deleted or wrong, the account is gone or disabled, or this server's clock is off.") { Status = status };
    }

    private sealed class Clock(TimeProvider time) : IClock
    {
        public DateTime Now => time.GetLocalNow().DateTime;

        public DateTime UtcNow => time.GetUtcNow().UtcDateTime;
    }

    private sealed class Transport(HttpMessageInvoker http) : Google.Apis.Http.IHttpClientFactory
    {
        public ConfigurableHttpClient CreateHttpClient(CreateHttpClientArgs args) =>
            new(new ConfigurableMessageHandler(new Handler(http)) { NumTries = 1, FollowRedirect = false, IsLoggingEnabled = false })
            {
                Timeout = Timeout.InfiniteTimeSpan,
                MaxResponseContentBufferSize = LargestAnswer,
            };
    }

    private sealed class Handler(HttpMessageInvoker http) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => http.SendAsync(request, cancellationToken);
    }
}
