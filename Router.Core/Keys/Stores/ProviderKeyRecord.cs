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
    internal const string Columns =
        "k.id, k.workspace_id, k.provider, k.version, k.last_four, k.fingerprint, k.status, k.status_detail, k.cooling_until, k.checked_at, k.created_at, k.updated_at, k.last_used_at";

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
        row.TimeOrNull(12));
}
