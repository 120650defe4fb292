using System.Collections.Immutable;
using Router.Core.Providers;

namespace Router.Core.Routing;

/// <summary>Says in a sentence why a plan begins as it does.</summary>
internal static class PlanReasoning
{
    /// <param name="explored">Put first to be measured, if any.</param>
    public static string By(RouterOptions options, Candidate? explored)
    {
        string criteria = string.Join(", then ", RoutePlanner.SortOf(options).Select(SortCriteria.Name));
        string by = options.ProviderOrder.IsEmpty ? $"by {criteria}" : $"by provider.order, then {criteria}";
        return explored is null ? by : $"{by}, with {explored.Name} first to be measured";
    }

    /// <param name="asked">What was asked for, and how it was ranked.</param>
    public static string Of(string asked, ImmutableArray<PlanEntry> plan)
    {
        PlanEntry? first = plan.FirstOrDefault(entry => entry.Health.Usable && entry.Credential.Secret is not null && !IsForeign(entry));
        if (first is null)
        {
            return plan.IsEmpty ? $"{asked}, and no key may serve."
                : plan.Any(IsForeign) ? $"{asked}; the provider is simulated, and no key that may serve is one of the simulator's."
                : $"{asked}; every key that may serve is known to be of no use now.";
        }

        string key = first.Credential.Source switch
        {
            "runtime" => "the key brought in the request",
            "saved" => "the workspace's own key",
            _ when plan.Any(entry => entry.Step == first.Step && IsForeign(entry)) => "the system key, as the provider is simulated and the workspace's own key is none of the simulator's",
            _ when plan.Any(entry => entry.Credential.Type == CredentialType.Byok && entry.Step == first.Step) => "the system key, as the workspace's own key is known to be of no use now",
            _ => "the system key, as the workspace has no usable key for this provider",
        };
        return $"{asked}; {first.QualifiedModel} is tried first with {key}.";
    }

    /// <summary>A key that is kept from the simulator, which answers for the provider.</summary>
    private static bool IsForeign(PlanEntry entry) => entry.Credential.Secret is { } secret && !SimulatorKeys.MayJudge(entry.Provider, secret);
}
