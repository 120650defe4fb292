using Microsoft.AspNetCore.Connections.Features;
using Router.Core.Keys;

namespace Router.Api.Auth;

/// <summary>
/// Whose key the last request of a connection brought. The server gives the next one's header as the very same string when its bytes
/// are the same, so that a caller who stays is known by a comparison of references instead of a hash. It holds for one snapshot:
/// a key that was revoked since is looked up anew, and refused.
/// </summary>
internal sealed class ConnectionCaller
{
    private string? _header;
    private Snapshot? _snapshot;
    private (Workspace Workspace, RouterKey Key) _caller;

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
        header is not null && ReferenceEquals(header, _header) && ReferenceEquals(snapshot, _snapshot) ? _caller : null;

    public void Keep(string? header, Snapshot snapshot, (Workspace Workspace, RouterKey Key) caller) => (_header, _snapshot, _caller) = (header, snapshot, caller);
}
