using Router.Core.Wire;

namespace Router.Core.Failures;

/// <summary>The request as a whole failed; what the caller sees is <see cref="Error"/>.</summary>
public sealed class RouterException(RouterError error, Exception? inner = null) : Exception(error.Message, inner)
{
    public RouterError Error { get; } = error;
}

/// <summary>An error in OpenAI's envelope, with the status it goes out under.</summary>
/// <param name="Raw">The provider's own <c>error</c> value, written instead of the members when set.</param>
public sealed record RouterError(int Status, string Code, string Type, string Message, string? Param = null, TimeSpan? RetryAfter = null, ReadOnlyMemory<byte>? Raw = null)
{
    private const string InvalidRequestType = "invalid_request_error";

    public static RouterError InvalidRequest(string message, string? param = null) =>
        new(400, "invalid_request", InvalidRequestType, message, param);

    public static RouterError TooDeep(string member) => InvalidRequest($"'{member}' {JsonDepth.Fault}.", member);

    public static RouterError TooLarge(long limit) =>
        new(413, "request_too_large", InvalidRequestType, $"The request body is larger than {limit} bytes.");

    public static RouterError InvalidApiKey() =>
        new(401, "invalid_api_key", InvalidRequestType, "The router API key is missing, wrong or revoked. Send it as 'Authorization: Bearer <key>' or 'Authorization: Basic <key>'.");

    public static RouterError PermissionDenied(string message) =>
        new(403, "permission_denied", InvalidRequestType, message);

    public static RouterError UnknownProvider(string name, IEnumerable<string> known) =>
        new(404, "unknown_provider", InvalidRequestType, $"There is no provider '{Shown(name)}'. Known providers: {string.Join(", ", known)}.", "model");

    public static RouterError ModelNotFound(string model, string hint) =>
        new(404, "model_not_found", InvalidRequestType, $"There is no model '{Shown(model)}'. {hint}", "model");

    public static RouterError RateLimited(string kind, string message, TimeSpan retryAfter) =>
        new(429, "rate_limit_exceeded", kind, message, RetryAfter: retryAfter);

    public static RouterError RouterNotFound(string name, string? param = "model") =>
        new(404, "router_not_found", InvalidRequestType, $"This workspace has no saved router '{Shown(name)}'.", param);

    /// <summary>A stored key is no key: nobody can be asked with it.</summary>
    public static RouterError KeyUnusable(string message) =>
        new(424, "provider_credential_invalid", "provider_error", message);

    /// <param name="wait">When the key that issued the state may serve again, where known.</param>
    public static RouterError CredentialAffinity(TimeSpan? wait) =>
        new(424, "credential_affinity", "provider_error", "The conversation holds opaque provider state (signed thinking, signatures, ids of files) that belongs to the key that issued it. That key cannot serve now, and no other may. Try again later, or send the history without that state.", "messages", wait);

    public static RouterError AnswerTooLarge(long limit) =>
        new(502, "answer_too_large", "provider_error", $"The answer is longer than the {limit} bytes that are held back for 'commit: complete'. Ask for less, or commit at the first content.", "fallback.commit");

    public static RouterError Unavailable(string message) => new(503, "unavailable", "server_error", message);

    /// <summary>Another instance serves; whoever asks again finds it.</summary>
    public static RouterError ShuttingDown() =>
        new(503, "shutting_down", "server_error", "This instance of the router is being stopped, and the answer was not complete in time. Send the request again.", RetryAfter: TimeSpan.FromSeconds(1));

    /// <summary>A caller's text, short enough to repeat.</summary>
    private static string Shown(string text) => text.Length <= 100 ? text : text[..100] + "…";
}
