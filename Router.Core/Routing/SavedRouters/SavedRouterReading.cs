using System.Collections.Immutable;

namespace Router.Core.Routing.SavedRouters;

/// <summary>A definition, read: the router, or everything that is wrong with it.</summary>
public sealed record SavedRouterReading(SavedRouter? Router, ImmutableArray<RouterProblem> Problems)
{
    private const int MostShown = 20;

    /// <summary>The problems in one text.</summary>
    public string Describe() =>
        string.Join("; ", Problems.Take(MostShown)) + (Problems.Length > MostShown ? $"; and {Problems.Length - MostShown} more." : ".");
}
