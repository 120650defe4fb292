using System.Collections.Immutable;

namespace Router.Core.Routing;

/// <summary>Lays routes with their keys end to end.</summary>
internal sealed class PlanBuilder
{
    private readonly ImmutableArray<PlanEntry>.Builder _entries = ImmutableArray.CreateBuilder<PlanEntry>();
    private int _step;

    public bool IsEmpty => _entries.Count == 0;

    public void Add(Candidate candidate)
    {
        RouteKeys keys = candidate.Keys;
        if (keys.Own is { } own)
        {
            _entries.Add(new PlanEntry(_step, candidate.Provider, candidate.Model, own, keys.OwnHealth) { Hosted = candidate.Hosted });
        }

        if (keys.System is { } system)
        {
            _entries.Add(new PlanEntry(_step, candidate.Provider, candidate.Model, system, keys.SystemHealth) { Hosted = candidate.Hosted });
        }

        _step++;
    }

    public ImmutableArray<PlanEntry> Build() => _entries.DrainToImmutable();
}
