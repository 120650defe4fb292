using Npgsql;

namespace Router.Core.Keys;

/// <summary>What may be shown of a stored provider key: everything but the key.</summary>
public sealed record ProviderKeyRecord(
    Guid Id,
    string WorkspaceId,
    string Provider,
    int Version,
    string LastFour,
    string Fingerprint,
    CredentialStatus Status,
    string? StatusDetail,
    DateTimeOffset? CoolingUntil,
    DateTimeOffset? CheckedAt,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    DateTimeOffset? LastUsedAt)
{
    /// <summary>When somebody last tried to check it, whether the provider could tell or not.</summary>
    public DateTimeOffset? TriedAt { get; init; }

    /// <summary>When it is due to be checked again.</summary>
    public DateTimeOffset? NextCheckAt { get; init; }

    /// <summary>What a service account calls itself; null for an API key.</summary>
    public string? AccountEmail { get; init; }

    /// <summary>The project of a service account.</summary>
    public string? AccountProject { get; init; }

    internal const string Columns =
        "k.id, k.workspace_id, k.provider, k.version, k.last_four, k.fingerprint, k.status, k.status_detail, k.cooling_until, k.checked_at, k.created_at, k.updated_at, k.last_used_at, "
        + "k.tried_at, k.next_check_at, k.account_email, k.account_project";

    internal static ProviderKeyRecord Map(NpgsqlDataReader row) => new(
        row.GetGuid(0),
        row.GetString(1),
        row.GetString(2),
        row.GetInt32(3),
        row.GetString(4),
        row.GetString(5),
        CredentialStatusText.Parse(row.GetString(6)),
        row.TextOrNull(7),
        row.TimeOrNull(8),
        row.TimeOrNull(9),
        row.GetFieldValue<DateTimeOffset>(10),
        row.GetFieldValue<DateTimeOffset>(11),
        row.TimeOrNull(12))
    {
        TriedAt = row.TimeOrNull(13),
        NextCheckAt = row.TimeOrNull(14),
        AccountEmail = row.TextOrNull(15),
        AccountProject = row.TextOrNull(16),
    };
}
