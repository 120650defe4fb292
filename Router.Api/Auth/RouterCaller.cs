using Router.Core.Failures;
using Router.Core.Keys;

namespace Router.Api.Auth;

/// <summary>Who calls an endpoint of the public API: the workspace of the router key the request brings.</summary>
internal static class RouterCaller
{
    /// <exception cref="RouterException">No such key, not for this, or no state to look it up in yet.</exception>
    public static Workspace Authenticate(HttpContext context, Snapshot snapshot) => AuthenticateKey(context, snapshot).Workspace;

    /// <inheritdoc cref="Authenticate"/>
    public static (Workspace Workspace, RouterKey Key) AuthenticateKey(HttpContext context, Snapshot snapshot)
    {
        string? header = context.Request.Headers.Authorization;
        ConnectionCaller? last = ConnectionCaller.Of(context);
        if (last?.Find(header, snapshot) is { } known)
        {
            return known;
        }

        (Workspace Workspace, RouterKey Key) caller = AuthenticateKey(context, header, snapshot);
        last?.Keep(header, snapshot, caller.Key);
        return caller;
    }

    private static (Workspace Workspace, RouterKey Key) AuthenticateKey(HttpContext context, string? header, Snapshot snapshot)
    {
        if (!RouterKeyAuthenticator.TryAuthenticate(header, snapshot, out RouterKey? key, out Workspace? workspace))
        {
            throw new RouterException(snapshot.IsLoaded
                ? TooManyKeys.Note(context, header) ?? RouterError.InvalidApiKey()
                : RouterError.Unavailable("This instance has not read its state yet; try again in a moment."));
        }

        return key!.Permissions.HasFlag(RouterKeyPermissions.Inference)
            ? (workspace!, key)
            : throw new RouterException(RouterError.PermissionDenied("This router API key may not call the completions endpoints."));
    }
}
