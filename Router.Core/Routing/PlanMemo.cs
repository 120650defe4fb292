using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Router.Core.Health;
using Router.Core.Keys;
using Router.Core.Providers;

namespace Router.Core.Routing;

/// <summary>
/// Plans of requests that name a model at a provider and ask for nothing else: most of them, and each time the same. A plan is kept
/// with the workspace it was made for, which is replaced whole when anything of it changes, and holds while every key of it is in good health
/// and its providers are as they were.
/// </summary>
/// <param name="providers">Null where they never change.</param>
public sealed class PlanMemo(ICredentialHealth health, ProviderRegistry? providers = null)
{
    /// <summary>Callers name models as they like; beyond so many of a workspace's, its plans are made anew.</summary>
    private const int MostModels = 256;

    private readonly ConditionalWeakTable<Workspace, ConcurrentDictionary<string, AttemptPlan>> _plans = [];

    /// <summary>Null where a plan has to be made.</summary>
    public AttemptPlan? Find(Workspace workspace, string model, RouterOptions options) =>
        ReferenceEquals(options, RouterOptions.None)
        && _plans.TryGetValue(workspace, out ConcurrentDictionary<string, AttemptPlan>? plans)
        && plans.TryGetValue(model, out AttemptPlan? plan)
        && IsInGoodHealth(plan) ? plan : null;

    public void Keep(Workspace workspace, string model, RouterOptions options, AttemptPlan plan)
    {
        if (!ReferenceEquals(options, RouterOptions.None) || !model.Contains('/', StringComparison.Ordinal) || !IsInGoodHealth(plan))
        {
            return;
        }

        ConcurrentDictionary<string, AttemptPlan> plans = _plans.GetOrCreateValue(workspace);
        if (plans.Count >= MostModels)
        {
            // The workspace's own names only: those it still uses are back at once.
            plans.Clear();
        }

        plans.TryAdd(model, plan);
    }

    private bool IsInGoodHealth(AttemptPlan plan)
    {
        foreach (PlanEntry entry in plan.Entries)
        {
            if (!entry.Health.Usable || (providers is not null && !IsCurrent(entry.Provider)) || !health.Check(entry.Credential.Id, entry.Model).Usable)
            {
                return false;
            }
        }

        return true;
    }

    private bool IsCurrent(Provider provider) => providers!.TryFind(provider.Slug, out Provider? now) && ReferenceEquals(now, provider);
}
