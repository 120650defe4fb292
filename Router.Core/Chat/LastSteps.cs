using System.Collections.Immutable;
using Router.Core.Routing;

namespace Router.Core.Chat;

/// <summary>Changes the order of the models a request has not come to yet. Plans are shared between requests: this one gets its own.</summary>
internal static class LastSteps
{
    /// <summary>Puts the model the walk stands at behind all others.</summary>
    /// <returns>False where there is no other: it is tried all the same.</returns>
    public static bool Postpone(RouteRequest request, PlanEntry entry)
    {
        ImmutableArray<PlanEntry> entries = request.Plan!.Entries;
        int first = request.Position;
        // With a key of this model tried already, the walk is past the question; and each is put off once.
        if (entries[^1].Step == entry.Step || (first > 0 && entries[first - 1].Step == entry.Step) || !(request.PutOff ??= []).Add(entry.Step))
        {
            return false;
        }

        request.Plan = request.Plan with
        {
            Entries = [.. entries[..first], .. entries[first..].Where(other => other.Step != entry.Step), .. entries[first..].Where(other => other.Step == entry.Step)],
        };
        request.Position = first - 1;
        return true;
    }

    /// <summary>Puts the models after the walk's place in an order; those of one rank stay in theirs.</summary>
    public static void Order(RouteRequest request, Func<PlanEntry, int> rank)
    {
        ImmutableArray<PlanEntry> entries = request.Plan!.Entries;
        int step = entries[request.Position].Step;
        int next = request.Position + 1;
        while (next < entries.Length && entries[next].Step == step)
        {
            next++;
        }

        if (next < entries.Length)
        {
            request.Plan = request.Plan with { Entries = [.. entries[..next], .. entries[next..].OrderBy(rank)] };
        }
    }
}
