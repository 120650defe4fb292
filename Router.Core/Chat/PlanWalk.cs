using System.Collections.Immutable;
using Router.Core.Failures;
using Router.Core.Health;
using Router.Core.Routing;

namespace Router.Core.Chat;

/// <summary>Where a request goes in its plan by what it met.</summary>
internal static class PlanWalk
{
    /// <summary>The next entry the last outcome allows; null when the plan has none.</summary>
    public static PlanEntry? Next(RouteRequest request)
    {
        ImmutableArray<PlanEntry> entries = request.Plan!.Entries;
        int from = request.Position;
        // The outcome of the entry the walk stands at: a last resort may have been tried elsewhere since.
        FailureClass reason = from < 0 ? FailureClass.Unknown : LastOutcome(request, entries[from]);
        for (int i = from + 1; i < entries.Length; i++)
        {
            if (from < 0 || (entries[i].Step == entries[from].Step
                ? FailureConsequences.MayCrossToSystem(reason, request.Workspace.Policy)
                : FailureConsequences.MayTryNextModel(reason)))
            {
                request.Position = i;
                return entries[i];
            }
        }

        return null;
    }

    private static FailureClass LastOutcome(RouteRequest request, PlanEntry entry) =>
        request.Attempts.FindLast(attempt => ReferenceEquals(attempt.Entry, entry))?.Error?.Failure ?? FailureClass.Unknown;

    /// <summary>Whether a route that keeps silent may be given up for another: one is left in the plan, with a key that is of use.</summary>
    public static bool HasRescue(RouteRequest request, ICredentialHealth health)
    {
        ImmutableArray<PlanEntry> entries = request.Plan!.Entries;
        int position = Math.Max(request.Position, 0);
        for (int i = position + 1; i < entries.Length; i++)
        {
            bool follows = entries[i].Step == entries[position].Step
                ? FailureConsequences.MayCrossToSystem(FailureClass.Transient, request.Workspace.Policy)
                : FailureConsequences.MayTryNextModel(FailureClass.Transient);
            if (follows && entries[i].Credential.Secret is not null && health.Check(entries[i].Credential.Id, entries[i].Model).Usable)
            {
                return true;
            }
        }

        return false;
    }
}
