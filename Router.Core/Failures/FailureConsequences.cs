using Router.Core.Keys;

namespace Router.Core.Failures;

/// <summary>What follows from a failure class. The one table; every stage asks here.</summary>
public static class FailureConsequences
{
    /// <summary>Whether the workspace's own key may hand over to the system key for the same model.</summary>
    public static bool MayCrossToSystem(FailureClass failure, WorkspacePolicy policy) => failure switch
    {
        FailureClass.Credential or FailureClass.Quota or FailureClass.RateLimit or FailureClass.ModelAccess => policy.CrossToSystem.Contains(failure),
        // Not a matter of whose key it is, so only a policy that names it lets it cross.
        FailureClass.Transient => policy.CrossToSystem.Contains(failure),
        _ => false,
    };

    /// <summary>Whether the next model in the chain may be tried.</summary>
    public static bool MayTryNextModel(FailureClass failure) => failure switch
    {
        FailureClass.CallerFault or FailureClass.Unknown => false,
        _ => true,
    };

    /// <summary>Whether one more try on the same route is worth it when nothing else is left.</summary>
    public static bool MayRepeat(FailureClass failure) => failure is FailureClass.Transient;

    /// <summary>The name used in attempt metadata, spans and metrics.</summary>
    public static string Code(FailureClass failure) => failure switch
    {
        FailureClass.Credential => "credential",
        FailureClass.Quota => "quota",
        FailureClass.RateLimit => "rate_limit",
        FailureClass.ModelAccess => "model_access",
        FailureClass.RegionBlocked => "region_blocked",
        FailureClass.Transient => "transient",
        FailureClass.Affinity => "credential_affinity",
        FailureClass.CallerFault => "caller_fault",
        FailureClass.Unsupported => "unsupported",
        _ => "unknown",
    };

    /// <summary>The class of a <see cref="Code"/>; null for any other text.</summary>
    public static FailureClass? Parse(string code)
    {
        foreach (FailureClass failure in Enum.GetValues<FailureClass>())
        {
            if (Code(failure) == code)
            {
                return failure;
            }
        }

        return null;
    }
}
