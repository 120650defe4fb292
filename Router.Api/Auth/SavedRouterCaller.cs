using System.Text.RegularExpressions;
using Router.Core.Failures;
using Router.Core.Keys;
using Router.Core.Limits;

namespace Router.Api.Auth;

/// <summary>Whose saved routers a request is about.</summary>
internal sealed partial record SavedRouterCaller(string WorkspaceId)
{
    /// <summary>
    /// A router key speaks for its own workspace, and needs <see cref="RouterKeyPermissions.Manage"/> to change anything;
    /// the administrator names a workspace in the query.
    /// </summary>
    /// <exception cref="RouterException">The caller is nobody known, or may not do this.</exception>
    public static (SavedRouterCaller Caller, ControlPlaneCaller Origin) Authenticate(HttpContext http, Doorkeeper doorkeeper, Snapshot snapshot)
    {
        string? header = http.Request.Headers.Authorization;
        string? named = http.Request.Query["workspace"].FirstOrDefault();
        if (doorkeeper.Admit(http, KeyDoor.Administration, header, out TimeSpan? wait) is { IsAdministrator: true } administrator)
        {
            return string.IsNullOrEmpty(named) ? throw new RouterException(RouterError.InvalidRequest("The admin key has no workspace; name one with ?workspace=.", "workspace"))
                : Workspace().IsMatch(named) ? (new SavedRouterCaller(named), administrator)
                : throw NoWorkspace();
        }

        if (!RouterKeyAuthenticator.TryAuthenticate(header, snapshot, out RouterKey? key, out Workspace? workspace))
        {
            throw new RouterException(wait is { } time ? TooManyKeys.Error(time)
                : snapshot.IsLoaded ? RouterError.InvalidApiKey()
                : RouterError.Unavailable("This instance has not read its state yet; try again in a moment."));
        }

        if (!HttpMethods.IsGet(http.Request.Method) && !key.Permissions.HasFlag(RouterKeyPermissions.Manage))
        {
            throw new RouterException(RouterError.PermissionDenied("This router API key may not change saved routers: it lacks the manage permission."));
        }

        return string.IsNullOrEmpty(named) || named == workspace.Id
            ? (new SavedRouterCaller(workspace.Id), new ControlPlaneCaller(workspace.Id, key.Id))
            : throw NoWorkspace();
    }

    /// <summary>Another workspace is answered like one that does not exist.</summary>
    public static RouterException NoWorkspace() =>
        new(new RouterError(404, "workspace_not_found", "invalid_request_error", "There is no such workspace for this key.", "workspace"));

    [GeneratedRegex(@"\A[a-z0-9-]{1,63}\z")]
    private static partial Regex Workspace();
}
