using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Router.Core.Keys;

namespace Router.Api.Auth;

/// <summary>Finds the router key and workspace a request speaks for, in the snapshot alone.</summary>
public static class RouterKeyAuthenticator
{
    /// <summary>What an unknown id is compared with, so that it takes as long as a wrong secret.</summary>
    private static readonly byte[] NoHash = new byte[SHA256.HashSizeInBytes];

    /// <summary>
    /// Accepts <c>Basic</c> and <c>Bearer</c> with <c>rk_&lt;id&gt;_&lt;secret&gt;</c>, base64 of that, or base64 of <c>id:secret</c>.
    /// Never throws for what a caller sends.
    /// </summary>
    public static bool TryAuthenticate(
        string? authorizationHeader, Snapshot snapshot, [NotNullWhen(true)] out RouterKey? key, [NotNullWhen(true)] out Workspace? workspace)
    {
        (key, workspace) = (null, null);
        return AuthorizationHeader.TryGetToken(authorizationHeader, out var text) && TryAuthenticateToken(text, snapshot, out key, out workspace);
    }

    /// <summary>The same for a bare token, as in <c>x-api-key</c>.</summary>
    public static bool TryAuthenticateToken(
        ReadOnlySpan<char> text, Snapshot snapshot, [NotNullWhen(true)] out RouterKey? key, [NotNullWhen(true)] out Workspace? workspace)
    {
        (key, workspace) = (null, null);
        if (Parse(text) is not { } token)
            return false;
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        token.HashTo(hash);
        var known = snapshot.RouterKeys.GetValueOrDefault(token.Id);
        if (!CryptographicOperations.FixedTimeEquals(hash, known?.SecretHash ?? NoHash) || known is null)
            return false;
        if (!snapshot.Workspaces.TryGetValue(known.WorkspaceId, out workspace))
            return false;
        key = known;
        return true;
    }

    private static RouterKeyToken? Parse(ReadOnlySpan<char> text) =>
        RouterKeyToken.TryParse(text) is { } plain ? plain
        : AuthorizationHeader.TryDecode(text, out var decoded) ? RouterKeyToken.TryParse(decoded) ?? RouterKeyToken.TryParsePair(decoded)
        : null;
}
