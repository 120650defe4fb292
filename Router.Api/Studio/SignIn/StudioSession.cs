using System.Diagnostics;
using Microsoft.AspNetCore.Components.Authorization;
using Router.Api.Dialects;
using Router.Core.Keys;
using Router.Core.Limits;

namespace Router.Api.Studio;

/// <summary>
/// The open page's session. Every action asks it who acts and whether they may touch the workspace, there and then: what was
/// true when the page opened need not be true when a button is pressed.
/// </summary>
internal sealed class StudioSession(AuthenticationStateProvider authentication, StudioAuthentication users, ISnapshotSource snapshots, WorkspaceStore workspaces, RateLimiter limiter)
{
    /// <summary>Where the page was opened from; set once by the root component.</summary>
    public string? Address { get; set; }

    /// <summary>False until the stored state was read once: what is not known then need not be missing.</summary>
    public bool IsStateKnown => snapshots.Current.IsLoaded;

    /// <exception cref="StudioSignedOutException">The session has ended.</exception>
    /// <exception cref="Npgsql.NpgsqlException">Nobody knows whether it has.</exception>
    public async Task<StudioUser> UserAsync()
    {
        var state = await authentication.GetAuthenticationStateAsync();
        return StudioUser.From(state.User) is { } user && await users.IsOpenAsync(user, CancellationToken.None) ? user : throw new StudioSignedOutException();
    }

    /// <summary>Who acts, for the audit log, once it is known that they may touch the workspace.</summary>
    /// <exception cref="StudioSignedOutException">The session has ended, or the workspace is not theirs.</exception>
    public async Task<AuditOrigin> ActAsync(string workspace) => Origin(await UserAsync(), workspace);

    /// <summary>The administrator, for what concerns every workspace.</summary>
    /// <exception cref="StudioSignedOutException">The session has ended, or is not an administrator's.</exception>
    public async Task<AuditOrigin> AdministerAsync() =>
        await UserAsync() is { Caller.IsAdministrator: true } user ? user.Origin(Address, Activity.Current?.TraceId.ToHexString()) : throw new StudioSignedOutException();

    /// <summary>The same for what every replica reads anew or a provider is asked for: as often as the workspace's own key may through the API.</summary>
    /// <exception cref="StudioSignedOutException">As above.</exception>
    /// <exception cref="StudioLimitException">It was done too often.</exception>
    public async Task<AuditOrigin> ChangeAsync(string workspace)
    {
        var user = await UserAsync();
        var origin = Origin(user, workspace);
        if (!user.Caller.IsAdministrator && await limiter.AdmitChangeAsync(workspace, CancellationToken.None) is { } refusal)
            throw new StudioLimitException(LimitHeaders.Error(refusal).Message);
        return origin;
    }

    private AuditOrigin Origin(StudioUser user, string workspace) =>
        user.Caller.MayManage(workspace) ? user.Origin(Address, Activity.Current?.TraceId.ToHexString()) : throw new StudioSignedOutException();

    /// <summary>The workspaces the user may manage, from the state in force here.</summary>
    public async Task<IReadOnlyList<Workspace>> WorkspacesAsync()
    {
        var user = await UserAsync();
        return [.. snapshots.Current.Workspaces.Values.Where(workspace => user.Caller.MayManage(workspace.Id)).OrderBy(workspace => workspace.Id, StringComparer.Ordinal)];
    }

    /// <returns>Null when there is no such workspace for this user: which of the two is not told.</returns>
    public async Task<WorkspaceRecord?> WorkspaceAsync(string id, CancellationToken cancellationToken) =>
        (await UserAsync()).Caller.MayManage(id) ? await workspaces.FindAsync(id, cancellationToken) : null;
}

/// <summary>The workspace's own key did something too often; the message says when again.</summary>
public sealed class StudioLimitException(string message) : Exception(message);

/// <summary>The user is no longer one who may do this; the page leads back to the sign-in.</summary>
public sealed class StudioSignedOutException() : Exception("The session has ended.");
