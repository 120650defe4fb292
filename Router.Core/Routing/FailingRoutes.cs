using System.Collections.Immutable;

namespace Router.Core.Routing;

/// <summary>Puts the models whose route fails time after time behind the others, each with its keys. Order is all that changes.</summary>
internal static class FailingRoutes
{
    /// <param name="said">What is to be said of it; empty where nothing was moved.</param>
    public static ImmutableArray<PlanEntry> Last(ImmutableArray<PlanEntry> entries, PlanInput input, RoutingKnowledge knowledge, out string said)
    {
        said = "";
        if (knowledge.Breakers is not { } breakers || entries.IsEmpty || entries[0].Step == entries[^1].Step)
        {
            return entries;
        }

        bool[] open = new bool[entries[^1].Step + 1];
        PlanEntry? first = null;
        bool moves = false;
        int seen = -1;
        foreach (PlanEntry entry in entries)
        {
            // A model is what its first key of use finds it to be.
            if (entry.Step == seen || !entry.Health.Usable || entry.Credential.Secret is null)
            {
                continue;
            }

            seen = entry.Step;
            if (breakers.IsOpen(entry, input.Workspace.Id))
            {
                open[entry.Step] = true;
                first ??= entry;
            }
            else
            {
                moves |= first is not null;
            }
        }

        if (!moves)
        {
            return entries;
        }

        said = $" {first!.QualifiedModel} failed {breakers.Look(first, input.Workspace.Id)?.Failures} times in a row and is tried last for now.";
        int step = -1;
        int before = -1;
        ImmutableArray<PlanEntry>.Builder moved = ImmutableArray.CreateBuilder<PlanEntry>(entries.Length);
        foreach (PlanEntry entry in entries.Where(entry => !open[entry.Step]).Concat(entries.Where(entry => open[entry.Step])))
        {
            step += entry.Step == before ? 0 : 1;
            before = entry.Step;
            moved.Add(entry with { Step = step });
        }

        return moved.MoveToImmutable();
    }
}
