using Microsoft.AspNetCore.Connections.Features;
using Router.Core.Keys;

namespace Router.Api.Auth;

/// <summary>
/// Whose key the last request of a connection brought. The server gives the next one's header as the very same string when its bytes
/// are the same, so that a caller who stays is known by a comparison of references instead of a hash. It holds for one snapshot:
/// a key that was revoked since is looked up anew, and refused. Neither that snapshot nor a workspace is held: both know
/// secrets, and a connection may be idle for long.
/// </summary>
internal sealed class ConnectionCaller
{
    private string? _header;
    private WeakReference<Snapshot>? _snapshot;
    private RouterKey? _key;

    /// <summary>Null where requests of a connection may overlap: there is no last one.</summary>
    public static ConnectionCaller? Of(HttpContext context)
    {
        if (!HttpProtocol.IsHttp11(context.Request.Protocol) || context.Features.Get<IConnectionItemsFeature>() is not { } connection)
        {
            return null;
        }

        if (connection.Items.TryGetValue(typeof(ConnectionCaller), out object? kept))
        {
            return (ConnectionCaller)kept!;
        }

        var made = new ConnectionCaller();
        connection.Items[typeof(ConnectionCaller)] = made;
        return made;
    }

    public (Workspace Workspace, RouterKey Key)? Find(string? header, Snapshot snapshot) =>
        header is not null && ReferenceEquals(header, _header)
        && _snapshot?.TryGetTarget(out Snapshot? known) == true && ReferenceEquals(known, snapshot)
        && snapshot.Workspaces.TryGetValue(_key!.WorkspaceId, out Workspace? workspace) ? (workspace, _key) : null;

    public void Keep(string? header, Snapshot snapshot, RouterKey key) => (_header, _snapshot, _key) = (header, new(snapshot), key);
}
