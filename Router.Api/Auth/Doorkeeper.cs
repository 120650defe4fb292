using Router.Core.Failures;
using Router.Core.Keys;
using Router.Core.Limits;

namespace Router.Api.Auth;

/// <summary>
/// Lets callers in by their key where the administrator's opens too. A router key cannot be guessed: a right one always passes.
/// The administrator's may be an operator's own words, and is not compared while the caller's address has to wait.
/// </summary>
internal sealed class Doorkeeper(AdminAuthenticator authenticator, ISnapshotSource snapshots, FailedKeys failed)
{
    /// <param name="header">As <c>Authorization</c> has it.</param>
    /// <param name="wait">How long the caller has to wait before another key is looked at; null where they need not.</param>
    /// <returns>Null when the caller is nobody the control plane knows.</returns>
    public ControlPlaneCaller? Admit(HttpContext http, KeyDoor door, string? header, out TimeSpan? wait)
    {
        wait = null;
        if (string.IsNullOrWhiteSpace(header))
            return null;
        if (RouterKeyAuthenticator.TryAuthenticate(header, snapshots.Current, out var key, out var workspace))
            return key.Permissions.HasFlag(RouterKeyPermissions.Manage) ? new(workspace.Id, key.Id) : null;
        var address = http.Connection.RemoteIpAddress;
        if ((wait = failed.Wait(door, address)) is not null)
            return null;
        if (authenticator.IsAdministrator(header))
            return new(null);
        // Before the state was read a right key looks like a wrong one.
        wait = snapshots.Current.IsLoaded ? failed.Note(door, address) : null;
        return null;
    }
}

/// <summary>The answer to an address that tried too many wrong keys.</summary>
internal static class TooManyKeys
{
    /// <summary>Counts a key that no router key is.</summary>
    /// <returns>What the caller is told; null for the usual answer to a wrong key.</returns>
    public static RouterError? Note(HttpContext http, string? header) =>
        !string.IsNullOrWhiteSpace(header) && http.RequestServices?.GetService<FailedKeys>()?.Note(KeyDoor.Calls, http.Connection.RemoteIpAddress) is { } wait ? Error(wait) : null;

    public static RouterError Error(TimeSpan wait)
    {
        var seconds = Math.Max((long)Math.Ceiling(wait.TotalSeconds), 1);
        return RouterError.RateLimited("keys", $"Too many wrong keys were tried from this address. Try again in {seconds} s.", TimeSpan.FromSeconds(seconds));
    }
}
