using System.Diagnostics;
using Router.Core.Failures;
using Router.Core.Health;
using Router.Core.Routing;
using Router.Core.Telemetry;

namespace Router.Core.Chat;

/// <summary>Events on the request's span: why the walk of its plan took the turns it took.</summary>
internal static class FallbackTelemetry
{
    /// <summary>A key was not tried, as it is known to be of no use now.</summary>
    public static void Skipped(PlanEntry entry, FailureClass reason) => Event(Tags.SkippedEvent, entry, reason);

    /// <summary>An attempt failed.</summary>
    /// <param name="isTerminal">No other may follow: what it has sent has reached the caller.</param>
    public static void Failed(PlanEntry entry, AttemptRecord attempt, bool isTerminal)
    {
        if (!isTerminal)
        {
            Event(Tags.FallbackEvent, entry, attempt.Error?.Failure ?? FailureClass.Unknown);
        }
    }

    /// <summary>The failure puts the key aside, for this model or altogether.</summary>
    public static void Cooled(PlanEntry entry, HealthChange change)
    {
        ChatTelemetry.Cooldowns.Add(1, new(Tags.ProviderName, entry.Provider.Definition.TelemetryName), new(Tags.FailureClass, FailureConsequences.Code(change.Reason)));
        Event(Tags.CooldownEvent, entry, change.Reason, Tags.CooldownSeconds, change.For);
    }

    /// <summary>Nothing is left but to wait for a route that asked for a short pause.</summary>
    public static void Waits(PlanEntry entry, FailureClass reason, TimeSpan pause) => Event(Tags.WaitEvent, entry, reason, Tags.WaitSeconds, pause);

    private static void Event(string name, PlanEntry entry, FailureClass reason, string? durationTag = null, TimeSpan? duration = null)
    {
        if (Activity.Current is not { IsAllDataRequested: true } span)
        {
            return;
        }

        var tags = new ActivityTagsCollection
        {
            [Tags.ProviderName] = entry.Provider.Definition.TelemetryName,
            [Tags.CredentialFingerprint] = entry.Credential.Fingerprint,
            [Tags.FailureClass] = FailureConsequences.Code(reason),
        };
        if (durationTag is not null && duration is { } time)
        {
            tags[durationTag] = time.TotalSeconds;
        }

        span.AddEvent(new ActivityEvent(name, tags: tags));
    }
}
