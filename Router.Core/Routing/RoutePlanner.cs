using System.Collections.Immutable;
using Router.Core.Catalog;
using Router.Core.Failures;
using Router.Core.Keys;
using Router.Core.Providers;

namespace Router.Core.Routing;

/// <summary>
/// Request, catalog, health, statistics and policy in; ordered plan out. Pure: same input, same plan; no I/O, no clock, no chance.
/// For each model in the chain, or each route chosen: the own key (runtime before saved), then the system key where it may serve.
/// </summary>
public static class RoutePlanner
{
    /// <summary>A plan of <c>auto</c> has no more routes than a request may make attempts.</summary>
    public const int MostRoutes = 16;

    /// <param name="excluded">Takes what is left out and why, when somebody asks; null costs nothing.</param>
    /// <exception cref="RouterException">No such model or provider, nothing to choose from, or a policy forbids every route.</exception>
    public static AttemptPlan Plan(PlanInput input, RoutingKnowledge knowledge, List<Exclusion>? excluded = null)
    {
        var filter = new CandidateFilter(input, knowledge, new ExclusionLog(excluded));
        return input.Model == ModelResolver.Auto ? Choose(input, knowledge, filter) : Chain(input, knowledge, filter);
    }

    private static AttemptPlan Chain(PlanInput input, RoutingKnowledge knowledge, CandidateFilter filter)
    {
        var plan = new PlanBuilder();
        HashSet<string>? tried = input.Options.Models.IsEmpty ? null : new(StringComparer.Ordinal);
        int hosts = 0;
        Candidate? explored = null;
        for (int i = 0; i <= input.Options.Models.Length; i++)
        {
            (string name, string member) = i == 0 ? (input.Model, "model") : (input.Options.Models[i - 1], "models");
            int slash = name.IndexOf('/', StringComparison.Ordinal);
            if (slash >= 0)
            {
                Candidate candidate = ModelResolver.Qualified(name, slash, member, knowledge);
                if (tried?.Add(candidate.Name) is not false && filter.Allows(candidate) && filter.SetKeys(candidate))
                {
                    plan.Add(candidate);
                }

                continue;
            }

            List<Candidate> ranked = Rank(ModelResolver.Bare(name, member, knowledge), tried, input, knowledge, filter);
            explored = i == 0 ? RouteExploration.Promote(ranked, input) : explored;
            hosts = i == 0 ? ranked.Count : hosts;
            foreach (Candidate candidate in ranked)
            {
                plan.Add(candidate);
            }
        }

        if (plan.IsEmpty && !filter.KeysMissed)
        {
            throw new RouterException(filter.Log.Count(ExclusionReason.Policy) > 0
                ? RouterError.PermissionDenied("The workspace's policy does not allow this provider.")
                : RouterError.InvalidRequest("Every model of the request is ignored, or at no provider that may serve it.", "ignore"));
        }

        ImmutableArray<PlanEntry> entries = FailingRoutes.Last(plan.Build(), input, knowledge, out string failing);
        string asked = hosts > 1
            ? $"{input.Model} was asked for by name, and {hosts} providers were ranked {PlanReasoning.By(input.Options, explored)}"
            : $"{input.Model} was asked for by name";
        return new AttemptPlan(entries, PlanReasoning.Of(asked, entries) + failing);
    }

    /// <summary>The providers of a bare name, best first; one alone where the request wants no other.</summary>
    private static List<Candidate> Rank(ImmutableArray<HostedModel> hosts, HashSet<string>? tried, PlanInput input, RoutingKnowledge knowledge, CandidateFilter filter)
    {
        var ranked = new List<Candidate>(hosts.Length);
        foreach (HostedModel hosted in hosts)
        {
            var candidate = new Candidate(hosted);
            if (tried?.Add(candidate.Name) is not false && filter.IsInOnly(candidate) && filter.Allows(candidate) && filter.SetKeys(candidate))
            {
                Measure(candidate, input.Options, knowledge, input.Workspace.Id);
                ranked.Add(candidate);
            }
        }

        ranked.Sort(new CandidateOrder(SortOf(input.Options).Length, usableFirst: false));
        Cut(ranked, input.Options.AllowFallbacks ? ranked.Count : 1, ExclusionReason.FallbacksOff, filter.Log);
        return ranked;
    }

    private static AttemptPlan Choose(PlanInput input, RoutingKnowledge knowledge, CandidateFilter filter)
    {
        List<Candidate> pool = ModelResolver.Pool(input.Options.Models, knowledge, out HashSet<string>? named);
        RequestNeeds needs = input.Needs?.Invoke() ?? RequestNeeds.None;
        int size = pool.Count;
        pool.RemoveAll(candidate => !(filter.IsInOnly(candidate)
            && filter.Allows(candidate)
            && filter.IsSuitable(candidate, needs)
            && filter.MayBeChosen(candidate, named)
            && filter.SetKeys(candidate)));
        if (pool.Count == 0 && !filter.KeysMissed)
        {
            throw new RouterException(filter.Log.Count(ExclusionReason.Policy) == size
                ? RouterError.PermissionDenied("The workspace's policy does not allow the providers of any model in the pool.")
                : RouterError.InvalidRequest($"No model is left to choose from. Of {size} in the pool: {filter.Log.Summary()}.", input.Options.Models.IsEmpty ? "model" : "models"));
        }

        foreach (Candidate candidate in pool)
        {
            Measure(candidate, input.Options, knowledge, input.Workspace.Id);
        }

        pool.Sort(new CandidateOrder(SortOf(input.Options).Length, usableFirst: true));
        Candidate? explored = RouteExploration.Promote(pool, input);
        int candidates = pool.Count;
        Cut(pool, input.Options.AllowFallbacks ? MostRoutes : 1, input.Options.AllowFallbacks ? ExclusionReason.BeyondLimit : ExclusionReason.FallbacksOff, filter.Log);

        var plan = new PlanBuilder();
        foreach (Candidate candidate in pool)
        {
            plan.Add(candidate);
        }

        ImmutableArray<PlanEntry> entries = FailingRoutes.Last(plan.Build(), input, knowledge, out string failing);
        string ranked = candidates > 0
            ? $"Of {size} models in the pool {candidates} may serve, ranked {PlanReasoning.By(input.Options, explored)}"
            : $"Of {size} models in the pool none may serve ({filter.Log.Summary()})";
        return new AttemptPlan(entries, PlanReasoning.Of(ranked, entries) + failing);
    }

    internal static ImmutableArray<SortCriterion> SortOf(RouterOptions options) =>
        options.Sort.IsDefaultOrEmpty ? SortCriteria.Default
        : options.Sort.Length <= SortCriteria.Names.Length ? options.Sort
        : [.. options.Sort.Distinct()];

    private static void Measure(Candidate candidate, RouterOptions options, RoutingKnowledge knowledge, string workspace)
    {
        candidate.Measured = knowledge.Statistics.Find(candidate.Hosted?.Name ?? candidate.Name, workspace);
        candidate.Scores = candidate.Hosted?.Scores ?? knowledge.Catalog.Scores.Of(candidate.Provider.Slug, candidate.Model, null);
        candidate.RankBy(SortOf(options));
        for (int i = 0; i < options.ProviderOrder.Length && candidate.Preference == int.MaxValue; i++)
        {
            candidate.Preference = string.Equals(options.ProviderOrder[i], candidate.Provider.Slug, StringComparison.OrdinalIgnoreCase) ? i : int.MaxValue;
        }
    }

    private static void Cut(List<Candidate> ranked, int most, ExclusionReason reason, ExclusionLog log)
    {
        for (int i = most; i < ranked.Count; i++)
        {
            log.Add(ranked[i], reason);
        }

        ranked.RemoveRange(Math.Min(most, ranked.Count), Math.Max(ranked.Count - most, 0));
    }
}
