using Router.Core.Failures;
using Router.Core.Keys;
using Router.Core.Providers;
using Router.Core.Routing;

namespace Router.Core.Chat;

/// <summary>
/// Looks at a plan entry's key again in the snapshot in force, right before it is leased: plans are older than waits, repeats and the
/// attempts before. A deleted key is out, a replaced one is used in its new version, and what the workspace no longer allows is not
/// done. Costs two look-ups and allocates nothing while the workspace is the one that was planned for.
/// </summary>
public sealed class CurrentKeys(ISnapshotSource snapshots)
{
    /// <summary>A key that is not the simulator's is not sent to it: what it said of the key would be told of the provider, which nobody asked.</summary>
    public bool KeepsFromSimulator { get; init; }

    /// <summary>
    /// Why the entry must not be sent, as what follows "Not tried:"; null when it may, then as <paramref name="entry"/>, which takes the
    /// place of the planned one in the request's plan when its key was replaced.
    /// </summary>
    /// <exception cref="RouterException">The caller may ask for nothing any more: the router key or the workspace is gone.</exception>
    internal AttemptError? Refuse(RouteRequest request, ref PlanEntry entry)
    {
        Snapshot snapshot = snapshots.Current;
        if (request.RouterKeyId is { } routerKey && !snapshot.RouterKeys.ContainsKey(routerKey))
        {
            throw new RouterException(RouterError.InvalidApiKey());
        }

        if (!snapshot.Workspaces.TryGetValue(request.Workspace.Id, out Workspace? now))
        {
            // One that was never stored is its caller's own.
            return request.Workspace.IsStored ? throw new RouterException(RouterError.InvalidApiKey()) : Unsendable(entry);
        }

        if (ReferenceEquals(now, request.Workspace) || request.Workspace.IsStored != now.IsStored)
        {
            return Unsendable(entry);
        }

        if (!now.Policy.Allows(entry.Provider.Slug) || (entry.Credential.Type == CredentialType.System && (now.Policy.ByokOnly || !MayCross(request, entry, now.Policy))))
        {
            return new AttemptError(FailureClass.ModelAccess, null, "the workspace's policy does not allow it any more.");
        }

        if (entry.Credential.KeyId is not null)
        {
            if (!now.ProviderKeys.TryGetValue(entry.Provider.Slug, out ProviderKey? stored))
            {
                return new AttemptError(FailureClass.Credential, null, "the key was deleted while the request ran.") { KeyGone = true };
            }

            if (stored.CredentialId != entry.Credential.Id)
            {
                entry = Replace(request, entry, stored);
            }
        }

        return Unsendable(entry);
    }

    /// <summary>Whether what the workspace's own key met last still lets the operator's take over.</summary>
    private static bool MayCross(RouteRequest request, PlanEntry entry, WorkspacePolicy policy) =>
        request.Attempts.FindLast(attempt => attempt.Entry.Step == entry.Step && attempt.Entry.Credential.Type == CredentialType.Byok)?.Error is not { } error
        || FailureConsequences.MayCrossToSystem(error.Failure, policy);

    private AttemptError? Unsendable(PlanEntry entry) => entry switch
    {
        // Stored or made before such texts were refused.
        { Credential.Secret.IsSendable: false } => new AttemptError(FailureClass.Credential, null, ProviderAuth.Unsendable),
        { Provider.Simulated: true, Credential.Secret: { } key } when KeepsFromSimulator && !SimulatorKeys.MayJudge(entry.Provider, key) => Foreign(entry),
        _ => null,
    };

    private static AttemptError Foreign(PlanEntry entry)
    {
        string name = entry.Provider.Definition.DisplayName;
        string why = $"{name} is simulated here, and this is no key of the simulator's: nobody asked {name} about it.";
        return new AttemptError(FailureClass.Credential, null, why)
        {
            Told = RouterError.KeyUnusable($"The key for {name} was not used, and nothing is known of it. {why} An administrator can make {name} live, in the Studio or with PUT /api/providers/{entry.Provider.Slug}."),
        };
    }

    /// <summary>The planned entry with the new key; the same one however often the old one is looked at.</summary>
    private static PlanEntry Replace(RouteRequest request, PlanEntry entry, ProviderKey stored)
    {
        foreach (PlanEntry other in request.Plan!.Entries)
        {
            if (other.Credential.Id == stored.CredentialId && other.Step == entry.Step && other.Model == entry.Model)
            {
                return other;
            }
        }

        PlanEntry renewed = entry with { Credential = ProviderKeys.Saved(stored) };
        AttemptPlan plan = request.Plan;
        for (int i = 0; i < plan.Entries.Length; i++)
        {
            if (ReferenceEquals(plan.Entries[i], entry))
            {
                // Plans are shared between requests: this one gets its own.
                request.Plan = plan with { Entries = plan.Entries.SetItem(i, renewed) };
                break;
            }
        }

        return renewed;
    }
}
