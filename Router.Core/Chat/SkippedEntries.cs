using Router.Core.Failures;
using Router.Core.Health;
using Router.Core.Routing;

namespace Router.Core.Chat;

/// <summary>Notes entries of a plan that are not tried, each with its reason.</summary>
internal static class SkippedEntries
{
    /// <summary>Nothing was sent. Where the key was replaced while its request was made, once the new one takes its place.</summary>
    public static void Unsent(RouteRequest request, PlanEntry tried, UnsentException unsent)
    {
        if (ReferenceEquals(tried, unsent.Entry) || request.WasRenewed)
        {
            Add(request, unsent);
            return;
        }

        (request.Renewed, request.WasRenewed) = (unsent.Entry, true);
    }

    /// <summary>No request could be made for the entry: it is not tried, and nobody's health or speed has to do with it.</summary>
    public static void Add(RouteRequest request, UnsentException unsent)
    {
        request.Attempts.Add(new AttemptRecord(unsent.Entry)
        {
            Skipped = true,
            Error = new AttemptError(unsent.Failure, null, $"Not tried: {unsent.Message}") { KeyGone = unsent.KeyGone },
            Refusal = unsent.Told,
        });
        FallbackTelemetry.Skipped(unsent.Entry, unsent.Failure);
    }

    /// <summary>Its key is of no use by what is known of it.</summary>
    public static void Add(RouteRequest request, PlanEntry entry, HealthVerdict verdict, DateTimeOffset now)
    {
        FailureClass reason = entry.Credential.Secret is null ? FailureClass.Credential : verdict.Reason;
        string message = entry.Credential.Secret is null
            ? "Not tried: the stored key cannot be opened with any configured master key."
            : $"Not tried: the key is known to be of no use now ({FailureConsequences.Code(reason)}).";
        TimeSpan? wait = verdict.Until - now;
        request.Attempts.Add(new AttemptRecord(entry) { Skipped = true, Error = new AttemptError(reason, null, message, RetryAfter: wait), RetryAt = verdict.Until });
        FallbackTelemetry.Skipped(entry, reason);
    }
}
