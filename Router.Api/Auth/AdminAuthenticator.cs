using System.Security.Cryptography;
using System.Text;
using Router.Core.Keys;

namespace Router.Api.Auth;

/// <summary>Who calls the control plane.</summary>
/// <param name="WorkspaceId">The only workspace the caller may touch; null for the administrator.</param>
/// <param name="KeyId">The public id of the caller's router key; null for the administrator.</param>
public sealed record ControlPlaneCaller(string? WorkspaceId, string? KeyId = null)
{
    public bool IsAdministrator => WorkspaceId is null;

    /// <summary>
    /// From when on the caller may read what is kept of a workspace: receipts and the audit log outlive a deleted one, and what
    /// an earlier workspace of the same id did is not its next holder's business. Null for the administrator: all of it.
    /// </summary>
    public DateTimeOffset? Since(WorkspaceRecord workspace) => IsAdministrator ? null : workspace.CreatedAt;

    /// <summary>
    /// The fee is what the workspace owes the operator, the limits protect the operator, and what its managing keys may do is not theirs to
    /// widen: none is the workspace's to set.
    /// </summary>
    public bool MayChange(WorkspacePolicy from, WorkspacePolicy to) =>
        IsAdministrator || (from.ByokFeePercent == to.ByokFeePercent && from.Limits == to.Limits && from.ManageKeysMayMintInference == to.ManageKeysMayMintInference);

    public bool MayManage(string workspaceId) => IsAdministrator || WorkspaceId == workspaceId;
}

/// <summary>
/// Admits the administrator by <c>Router:AdminKey</c>, and workspace keys with <see cref="RouterKeyPermissions.Manage"/> to
/// their own workspace. With no admin key configured there is no administrator.
/// </summary>
public sealed class AdminAuthenticator
{
    private readonly byte[]? _adminHash;
    private readonly ISnapshotSource _snapshots;

    public AdminAuthenticator(IConfiguration configuration, ISnapshotSource snapshots)
    {
        _snapshots = snapshots;
        // Looked at again without the white space: blank is nobody's key.
        _adminHash = configuration[AdminKey.Setting]?.Trim() is { Length: > 0 } key ? SHA256.HashData(Encoding.UTF8.GetBytes(key)) : null;
    }

    /// <returns>Null when the caller is nobody the control plane knows.</returns>
    public ControlPlaneCaller? Authenticate(string? authorizationHeader)
    {
        if (!AuthorizationHeader.TryGetToken(authorizationHeader, out var token))
            return null;
        if (IsAdmin(token))
            return new(null);
        return RouterKeyAuthenticator.TryAuthenticateToken(token, _snapshots.Current, out var key, out var workspace)
            && key.Permissions.HasFlag(RouterKeyPermissions.Manage)
            ? new(workspace.Id, key.Id)
            : null;
    }

    public bool IsAdministrator(string? authorizationHeader) => AuthorizationHeader.TryGetToken(authorizationHeader, out var token) && IsAdmin(token);

    /// <summary>The key itself, its base64, or base64 of <c>anything:key</c> as browsers send it.</summary>
    private bool IsAdmin(ReadOnlySpan<char> token)
    {
        if (_adminHash is null)
            return false;
        if (Matches(token))
            return true;
        if (!AuthorizationHeader.TryDecode(token, out var decoded))
            return false;
        return Matches(decoded) | Matches(decoded.AsSpan(decoded.IndexOf(':', StringComparison.Ordinal) + 1));
    }

    private bool Matches(ReadOnlySpan<char> candidate)
    {
        Span<byte> bytes = stackalloc byte[Encoding.UTF8.GetMaxByteCount(candidate.Length)];
        var length = Encoding.UTF8.GetBytes(candidate, bytes);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes[..length], hash);
        return CryptographicOperations.FixedTimeEquals(hash, _adminHash);
    }
}
