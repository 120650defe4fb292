using Router.Core.Catalog;

namespace Router.Core.Routing;

/// <summary>Counts what is left out, and keeps it when somebody asks.</summary>
internal sealed class ExclusionLog(List<Exclusion>? kept)
{
    private static readonly ExclusionReason[] Reasons = Enum.GetValues<ExclusionReason>();

    private readonly int[] _counts = new int[Reasons.Length];

    public void Add(Candidate candidate, ExclusionReason reason, ModelFeatures missing = ModelFeatures.None, bool systemKeyOnly = false)
    {
        if (!systemKeyOnly)
        {
            _counts[(int)reason]++;
        }

        kept?.Add(new Exclusion(candidate.Provider, candidate.Model, reason, Message(reason, missing), systemKeyOnly));
    }

    public int Count(ExclusionReason reason) => _counts[(int)reason];

    public int Total => _counts.Sum();

    /// <summary>Every reason with how often it was met.</summary>
    public string Summary() => string.Join("; ", Reasons.Where(reason => Count(reason) > 0).Select(reason => $"{Count(reason)}: {Message(reason, ModelFeatures.None)}"));

    private static string Message(ExclusionReason reason, ModelFeatures missing) => reason switch
    {
        ExclusionReason.Ignored => "named in 'ignore'",
        ExclusionReason.NotInOnly => "its provider is not in 'provider.only'",
        ExclusionReason.Policy => "the workspace's policy does not allow its provider",
        ExclusionReason.NotSuitable when missing != ModelFeatures.None => $"it does not take what the request needs ({missing})",
        ExclusionReason.NotSuitable => "it does not take what the request needs, or not as much",
        ExclusionReason.OnlyWhenNamed => "deprecated or no general chat model, so it serves only when it is named",
        ExclusionReason.ByokOnly => "only the system key could serve, which byok_only forbids",
        ExclusionReason.SystemKeyOff => "the key in the request may not be followed by the system key",
        ExclusionReason.NoKey => "no key for its provider",
        ExclusionReason.FallbacksOff => "another route ranks before it and 'provider.allow_fallbacks' is false",
        _ => $"{RoutePlanner.MostRoutes} routes rank before it",
    };
}
