namespace Router.Core.Routing;

/// <summary>
/// The rank of routes chosen among: providers the request prefers, then routes that do not fail, then each criterion (what is
/// not known comes last), then the catalog's order. Total, so that the same input always gives the same plan.
/// </summary>
/// <param name="criteria">How many each candidate was ranked by.</param>
/// <param name="usableFirst">Before all that: routes with a key that is of use now.</param>
internal sealed class CandidateOrder(int criteria, bool usableFirst) : IComparer<Candidate>
{
    public int Compare(Candidate? x, Candidate? y)
    {
        if (ReferenceEquals(x, y) || x is null || y is null)
        {
            return ReferenceEquals(x, y) ? 0 : x is null ? -1 : 1;
        }

        int rank = usableFirst ? y.Keys.Usable.CompareTo(x.Keys.Usable) : 0;
        rank = rank != 0 ? rank : x.Preference.CompareTo(y.Preference);
        rank = rank != 0 ? rank : x.Measured.Failing.CompareTo(y.Measured.Failing);
        for (int i = 0; rank == 0 && i < criteria; i++)
        {
            rank = x.Ranks[i].CompareTo(y.Ranks[i]);
        }

        rank = rank != 0 ? rank : (x.Hosted?.Order ?? int.MaxValue).CompareTo(y.Hosted?.Order ?? int.MaxValue);
        return rank != 0 ? rank : string.CompareOrdinal(x.Name, y.Name);
    }
}
