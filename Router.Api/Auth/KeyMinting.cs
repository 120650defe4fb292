using Router.Core.Keys;
using Router.Core.Limits;

namespace Router.Api.Auth;

internal static class KeyMinting
{
    /// <summary>What the caller may give to a new key of its workspace; the administrator anything.</summary>
    /// <returns>The limits the key gets; or why the caller may not make it.</returns>
    public static (LimitSettings Limits, string? Refusal) Grant(this ControlPlaneCaller caller, Snapshot snapshot, RouterKeyPermissions permissions, LimitSettings limits)
    {
        if (caller.IsAdministrator)
            return (limits, null);
        return caller.KeyId is { } id && snapshot.RouterKeys.TryGetValue(id, out var maker) && snapshot.Workspaces.TryGetValue(maker.WorkspaceId, out var workspace)
            ? KeyGrant.From(maker, workspace.Policy, permissions, limits)
            : (limits, "The key that asks is not in force any more.");
    }
}
