namespace Router.Core.Failures;

/// <summary>One route that did not serve: tried and failed, or skipped because its key was known to be of no use.</summary>
public readonly record struct FailedRoute(FailureClass Failure, bool TimedOut, TimeSpan? RetryAfter, bool Skipped = false, bool KeyGone = false);

/// <summary>The error a caller sees when no attempt served.</summary>
public static class Verdict
{
    /// <summary>What to say when the last failure ends the request by itself, or nothing is left to try.</summary>
    /// <param name="last">The last attempt's failure; null when every key was skipped.</param>
    /// <param name="deadline">The request's own deadline, when it has passed.</param>
    /// <param name="tooLong">The failure of the first model whose context the prompt exceeds.</param>
    /// <param name="said">What the provider said of the model, where that is all there is to say and it is about the caller's own key.</param>
    public static RouterError Of(IReadOnlyList<FailedRoute> failed, ProviderException? last, TimeSpan? deadline, ProviderException? tooLong = null, string? said = null)
    {
        if (last is { Failure: FailureClass.CallerFault, UpstreamError: { } upstream })
        {
            return Upstream(last, upstream);
        }

        if (deadline is { } given)
        {
            return new RouterError(408, "deadline_exceeded", "timeout_error", $"The request's own deadline of {given.TotalMilliseconds:0} ms passed before an attempt served.", "fallback.deadline");
        }

        if (failed.Count == 0)
        {
            return new RouterError(424, "provider_credential_missing", "provider_error", "No key is available for this provider: the request brings none, the workspace has none saved, and no system key may be used.");
        }

        return OfClasses(failed, last, tooLong, said);
    }

    private static RouterError Upstream(ProviderException failure, UpstreamError error) => new(
        failure.Status is >= 400 and { } status ? status : 400, error.Code ?? "invalid_request", error.Type ?? "invalid_request_error", error.Message, error.Param, failure.RetryAfter, error.Raw);

    private static RouterError OfClasses(IReadOnlyList<FailedRoute> failed, ProviderException? last, ProviderException? tooLong, string? said)
    {
        // A model's slip is told as the provider tells it: clients recover from what the model had made.
        if (last is { Failure: FailureClass.Transient, OfRequest: true, UpstreamError: { } slip })
        {
            return Upstream(last, slip);
        }

        if (failed.Any(route => route.Failure is FailureClass.Transient or FailureClass.Unknown))
        {
            return failed.Any(route => !route.Skipped) && failed.Where(route => !route.Skipped).All(route => route.TimedOut)
                ? new RouterError(504, "all_attempts_timed_out", "provider_error", "Every attempt ran out of time.")
                : new RouterError(502, "all_attempts_failed", "provider_error", $"Every attempt failed. The last: {last?.Message ?? "its key was skipped."}", RetryAfter: last?.RetryAfter);
        }

        TimeSpan? earliest = failed.Where(route => route.Failure == FailureClass.RateLimit).Min(route => route.RetryAfter);
        if (failed.Any(route => route.Failure == FailureClass.Affinity))
        {
            return RouterError.CredentialAffinity(earliest);
        }

        if (failed.Any(route => route.Failure == FailureClass.RateLimit))
        {
            return new RouterError(429, "all_attempts_rate_limited", "rate_limit_error", last is { Failure: FailureClass.RateLimit, OfRequest: true } ? last.Message : "Every key that may serve this request is rate-limited by its provider.", RetryAfter: earliest);
        }

        // With no longer context to be had, shortening the prompt is what helps.
        if (tooLong is { UpstreamError: { } exceeded })
        {
            return Upstream(tooLong, exceeded);
        }

        // What is left is about keys, models and places; the one with the most to say is named.
        FailureClass decisive = failed.Select(route => route.Failure).MinBy(Rank);
        return decisive switch
        {
            FailureClass.Quota => new RouterError(424, "provider_credential_quota", "provider_error", "The provider key has no credit left or reached its spending limit, and no other key may serve."),
            FailureClass.Credential when failed.All(route => route.KeyGone || route.Failure != FailureClass.Credential) => new RouterError(424, "provider_credential_missing", "provider_error", "The provider key was deleted while the request ran, and no other key may serve. The router API key is fine."),
            FailureClass.Credential => new RouterError(424, "provider_credential_invalid", "provider_error", "The provider refused the key as wrong, expired or revoked, and no other key may serve. The router API key is fine."),
            FailureClass.ModelAccess => new RouterError(404, "model_not_found", "invalid_request_error", said is null ? "The provider does not offer this model to any key that may serve." : $"The provider does not offer this model to any key that may serve. It says: {said}", "model"),
            _ => new RouterError(403, "permission_denied", "provider_error", "The provider does not serve this location."),
        };
    }

    private static int Rank(FailureClass failure) => failure switch
    {
        FailureClass.Quota => 0,
        FailureClass.Credential => 1,
        FailureClass.ModelAccess => 2,
        _ => 3,
    };
}
