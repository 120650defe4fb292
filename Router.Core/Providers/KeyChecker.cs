using System.Net.Http.Headers;
using System.Text.Json;
using Router.Core.Failures;
using Router.Core.Keys;
using Router.Core.Wire;

namespace Router.Core.Providers;

/// <summary>Asks the provider with the key check of its table entry.</summary>
public sealed class KeyChecker(ProviderRegistry providers, ProviderHttp http, TimeProvider time) : IKeyChecker
{
    /// <summary>No provider's list of models comes near it.</summary>
    private const int LargestProof = 8 * 1024 * 1024;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    public async Task<KeyCheckResult> CheckAsync(ProviderDefinition provider, Secret key, CancellationToken cancellationToken)
    {
        if (!providers.TryFind(provider.Slug, out Provider? target))
        {
            return Unreachable(provider);
        }

        using var timer = new CancellationTokenSource(Limit, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timer.Token);
        try
        {
            using HttpRequestMessage request = Dialect.Of(provider.Dialect).Probe is { } probe
                ? await probe(target, http.Invoker, key, time, linked.Token).ConfigureAwait(false)
                : Request(target, key);
            using HttpResponseMessage response = await http.Invoker.SendAsync(request, linked.Token).ConfigureAwait(false);
            EncodedAnswer.Decode(response);
            byte[] body = await HttpBodies.ReadAsync(response, response.IsSuccessStatusCode ? LargestProof : HttpBodies.LargestError, linked.Token).ConfigureAwait(false);
            response.Headers.Date ??= time.GetUtcNow();
            return Judge(provider, response, body, key);
        }
        catch (ProviderException e) when (e.Failure == FailureClass.Credential)
        {
            return new KeyCheckResult(KeyCheckOutcome.Invalid, e.Message, UpstreamStatus: e.Status);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Unreachable(provider);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or InvalidDataException or ProviderException)
        {
            return Unreachable(provider);
        }
    }

    private static HttpRequestMessage Request(Provider target, Secret key)
    {
        KeyCheck check = target.Definition.KeyCheck;
        var request = new HttpRequestMessage(check.Body is null ? HttpMethod.Get : HttpMethod.Post, target.Resolve(check.Url));
        if (check.Body is { } body)
        {
            request.Content = new StringContent(body, new MediaTypeHeaderValue("application/json"));
        }

        Dialect.Of(target.Definition.Dialect).AddHeaders(request);
        ProviderAuth.Apply(request, target.Definition.Auth, key);
        return request;
    }

    private static KeyCheckResult Judge(ProviderDefinition provider, HttpResponseMessage response, byte[] body, Secret key)
    {
        int status = (int)response.StatusCode;
        if (IsPage(response, body))
        {
            return Foreign(provider, status);
        }

        if (response.IsSuccessStatusCode)
        {
            return !provider.KeyCheck.Proof.IsIn(body) ? Foreign(provider, status)
                : IsDead(provider.KeyCheck, body) ? new(KeyCheckOutcome.Invalid, $"{provider.DisplayName} knows the key, but it or its team is blocked or disabled. Enable it at {provider.KeyPage}, or make a new one there.", UpstreamStatus: status)
                : new(KeyCheckOutcome.Valid, $"{provider.DisplayName} accepts the key.", UpstreamStatus: status);
        }

        ProviderException failure = Dialect.Of(provider.Dialect).Classify(response, body, provider, key);
        return failure.Failure switch
        {
            // The check asks for a model by name. A provider that says it has no such model has accepted the key.
            FailureClass.ModelAccess when status == 404 && provider.KeyCheck.Body is not null && KeyProof.IsGoogleNotFound(body) => new(KeyCheckOutcome.Valid, $"{provider.DisplayName} accepts the key.", UpstreamStatus: status),
            // There is nothing of the kind there: the address is wrong, and the key was not looked at.
            FailureClass.ModelAccess when status == 404 => Foreign(provider, status),
            // Sign-in pages and proxies say 401 too.
            FailureClass.Credential when !KeyProof.IsRefusal(body) => Foreign(provider, status),
            FailureClass.Credential => new(KeyCheckOutcome.Invalid, $"{provider.DisplayName} does not accept the key: it is wrong, expired, revoked or inactive. Copy it again from {provider.KeyPage}, or make a new one there.", UpstreamStatus: status),
            FailureClass.Quota => new(KeyCheckOutcome.Limited, $"{provider.DisplayName} knows the key, but its account has no credit or no active billing. Add credit or a payment method there.", UpstreamStatus: status, Quota: true),
            FailureClass.RateLimit => new(KeyCheckOutcome.RateLimited, $"{provider.DisplayName} asks the key to slow down; it is accepted otherwise.", failure.RetryAfter, status),
            FailureClass.ModelAccess => new(KeyCheckOutcome.Limited, $"{provider.DisplayName} knows the key, but it lacks {Permission(body)} for this check. Give it the permission to list models, or save it anyway with force.", UpstreamStatus: status),
            FailureClass.RegionBlocked => new(KeyCheckOutcome.Limited, $"{provider.DisplayName} does not serve this server's location.", UpstreamStatus: status),
            _ => new(KeyCheckOutcome.Unverifiable, $"{provider.DisplayName} could not confirm the key now (HTTP {status}). It is checked again soon.", failure.RetryAfter, status),
        };
    }

    /// <summary>The scopes a provider names as missing, where it names any.</summary>
    private static string Permission(byte[] body) =>
        MissingScopes.Of(body) is { Length: > 0 } scopes ? $"the permission {scopes}" : "a permission";

    /// <summary>A sign-in page or a proxy's says nothing of the key, whatever its status.</summary>
    private static bool IsPage(HttpResponseMessage response, ReadOnlySpan<byte> body) =>
        response.Content.Headers.ContentType?.MediaType is "text/html" or "application/xhtml+xml" || body.TrimStart(" \t\r\n\uFEFF"u8) is [(byte)'<', ..];

    private static KeyCheckResult Foreign(ProviderDefinition provider, int status) =>
        new(KeyCheckOutcome.Unverifiable, $"What answered (HTTP {status}) was not {provider.DisplayName}'s API: a proxy, a sign-in page or a wrong address may stand between. The key is checked again soon.", UpstreamStatus: status);

    private static bool IsDead(KeyCheck check, byte[] body) =>
        !check.DeadWhenTrue.IsEmpty && JsonObject.TryParse(body, out JsonObject? answer)
        && check.DeadWhenTrue.Any(name => answer.Find(name) is { Kind: JsonTokenType.True });

    private static KeyCheckResult Unreachable(ProviderDefinition provider) =>
        new(KeyCheckOutcome.Unverifiable, $"{provider.DisplayName} could not be reached. The key is checked again soon.");
}
