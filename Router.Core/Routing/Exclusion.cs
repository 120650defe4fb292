using Router.Core.Catalog;
using Router.Core.Providers;

namespace Router.Core.Routing;

/// <summary>Why a route, or the system key of one, is not in the plan.</summary>
public enum ExclusionReason
{
    /// <summary>The request's <c>ignore</c> names it.</summary>
    Ignored,

    /// <summary>The request's <c>provider.only</c> does not name its provider.</summary>
    NotInOnly,

    /// <summary>The workspace's policy does not allow its provider.</summary>
    Policy,

    /// <summary>It cannot do what the request needs.</summary>
    NotSuitable,

    /// <summary>It is on its way out, or no general chat model, and the request does not name it.</summary>
    OnlyWhenNamed,

    /// <summary>Only the system key could serve, and the request or the policy forbids it.</summary>
    ByokOnly,

    /// <summary>The request's own key may not be followed by the system key.</summary>
    SystemKeyOff,

    /// <summary>There is no key for its provider.</summary>
    NoKey,

    /// <summary><c>provider.allow_fallbacks</c> is false and another route ranks before it.</summary>
    FallbacksOff,

    /// <summary>Enough routes rank before it.</summary>
    BeyondLimit,
}

/// <param name="SystemKeyOnly">The route itself is in the plan; only its system key is not.</param>
public sealed record Exclusion(Provider Provider, string Model, ExclusionReason Reason, string Message, bool SystemKeyOnly);

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
