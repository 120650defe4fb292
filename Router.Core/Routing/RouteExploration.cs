namespace Router.Core.Routing;

/// <summary>
/// Lets a route nobody measured be measured: it comes first for one request. Only where a measurement decides, only past a
/// first that was measured and that the request did not prefer by name, and never for more than twice that one's price.
/// </summary>
internal static class RouteExploration
{
    private const int MostTimesThePrice = 2;

    /// <param name="ranked">Best first; changed in place.</param>
    /// <returns>The route put first; null when none was.</returns>
    public static Candidate? Promote(List<Candidate> ranked, PlanInput input)
    {
        if (input.Explore is not { } turn || ranked.Count < 2 || !input.Options.AllowFallbacks)
        {
            return null;
        }

        SortCriterion first = RoutePlanner.SortOf(input.Options)[0];
        Candidate leader = ranked[0];
        if (first is not (SortCriterion.Latency or SortCriterion.Throughput)
            || double.IsInfinity(leader.Ranks[0]) || leader.Price is not { } price || leader.Preference != int.MaxValue)
        {
            return null;
        }

        List<Candidate> unmeasured = ranked.FindAll(candidate =>
            double.IsInfinity(candidate.Ranks[0]) && candidate.Keys.Usable && !candidate.Measured.Failing && candidate.Price <= price * MostTimesThePrice);
        if (unmeasured.Count == 0)
        {
            return null;
        }

        Candidate explored = unmeasured[(int)((ulong)turn % (ulong)unmeasured.Count)];
        ranked.Remove(explored);
        ranked.Insert(0, explored);
        return explored;
    }
}
