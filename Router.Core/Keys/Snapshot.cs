using System.Collections.Frozen;
using Router.Core.Limits;
using Router.Core.Routing.SavedRouters;

namespace Router.Core.Keys;

/// <summary>
/// Everything the hot path needs of the stored state, immutable and swapped whole. Serving a request reads this
/// and makes no network call but the provider's.
/// </summary>
/// <param name="RouterKeys">Router API keys by their public id.</param>
/// <param name="Workspaces">Workspaces by id.</param>
/// <param name="Version">Grows with every change in Postgres; equal versions are equal contents.</param>
/// <param name="TakenAt">When Postgres was read.</param>
public sealed record Snapshot(
    FrozenDictionary<string, RouterKey> RouterKeys,
    FrozenDictionary<string, Workspace> Workspaces,
    long Version,
    DateTimeOffset TakenAt)
{
    public static Snapshot Empty { get; } = new(
        FrozenDictionary<string, RouterKey>.Empty, FrozenDictionary<string, Workspace>.Empty, -1, DateTimeOffset.MinValue);

    /// <summary>How long ago, when it was read, the newest change in it was committed: by the database's clock alone.</summary>
    public TimeSpan ChangeAge { get; init; }

    /// <summary>The slugs of the providers an administrator made live.</summary>
    public FrozenSet<string> LiveProviders { get; init; } = FrozenSet<string>.Empty;

    /// <summary>False for <see cref="Empty"/>: nothing was read yet, so an unknown key need not be a wrong one.</summary>
    public bool IsLoaded => Version >= 0;
}

/// <summary>A router API key: its public id and the SHA-256 of its secret part. The secret is shown once and never kept.</summary>
/// <param name="Permissions">What it may do; see <see cref="RouterKeyPermissions"/>.</param>
public sealed record RouterKey(string Id, string WorkspaceId, string Name, byte[] SecretHash, RouterKeyPermissions Permissions)
{
    /// <summary>Beside those of the workspace.</summary>
    public LimitSettings Limits { get; init; } = LimitSettings.Default;
}

[Flags]
public enum RouterKeyPermissions
{
    None = 0,

    /// <summary>May call the completions endpoints.</summary>
    Inference = 1,

    /// <summary>May use the control plane of its own workspace.</summary>
    Manage = 2,
}

/// <summary>A tenant: everything is looked up by workspace.</summary>
public sealed record Workspace(string Id, string DisplayName, WorkspacePolicy Policy, FrozenDictionary<string, ProviderKey> ProviderKeys)
{
    /// <summary>Provider keys by provider slug; at most one each.</summary>
    public FrozenDictionary<string, ProviderKey> ProviderKeys { get; init; } = ProviderKeys;

    /// <summary>True for one that was read from the stored state; a workspace of a caller's own making is in no snapshot.</summary>
    public bool IsStored { get; init; }

    /// <summary>Saved routers by name.</summary>
    public FrozenDictionary<string, RouterEntry> SavedRouters { get; init; } = FrozenDictionary<string, RouterEntry>.Empty;
}

/// <summary>A stored provider key, opened. <see cref="Secret"/> is null when no master key opens it.</summary>
/// <param name="Version">Grows with every replacement; health belongs to one version.</param>
/// <param name="Fingerprint">Keyed hash, safe to show and to tag spans with.</param>
public sealed record ProviderKey(
    Guid Id,
    string WorkspaceId,
    string Provider,
    int Version,
    Secret? Secret,
    string LastFour,
    string Fingerprint,
    CredentialStatus Status,
    DateTimeOffset? CoolingUntil)
{
    /// <summary>The id health and cooldowns are kept under.</summary>
    public string CredentialId { get; } = $"key:{Id:N}:{Version}";

    /// <summary>When the worker's latest verdict was given: a change of it supersedes what this replica saw live.</summary>
    public DateTimeOffset? CheckedAt { get; init; }
}

/// <summary>Gives the snapshot in force on this replica.</summary>
public interface ISnapshotSource
{
    Snapshot Current { get; }
}
