using Router.Core.Failures;
using Router.Core.Health;
using Router.Core.Keys;

namespace Router.Core.Routing;

/// <summary>The keys that may serve a route: the own one, then the system's, each with what is known of its health.</summary>
/// <param name="Usable">Whether one of them is of use now, and may be reached past the one before it.</param>
internal readonly record struct RouteKeys(Credential? Own, HealthVerdict OwnHealth, Credential? System, HealthVerdict SystemHealth, bool Usable)
{
    public static RouteKeys None { get; }

    public bool Any => Own is not null || System is not null;

    public static RouteKeys Of(ProviderKeys keys, string model, WorkspacePolicy policy, ICredentialHealth health)
    {
        HealthVerdict own = keys.Own is null ? default : health.Check(keys.Own.Id, model);
        HealthVerdict system = keys.System is null ? default : health.Check(keys.System.Id, model);
        bool ownServes = keys.Own?.Secret is not null && own.Usable;
        bool systemServes = keys.System?.Secret is not null && system.Usable
            && (keys.Own is null || FailureConsequences.MayCrossToSystem(keys.Own.Secret is null ? FailureClass.Credential : own.Reason, policy));
        return new RouteKeys(keys.Own, own, keys.System, system, ownServes || systemServes);
    }
}
