using System.Diagnostics;
using Npgsql;

namespace Router.Core.Keys;

/// <summary>A provider key as a check needs it: sealed, with the state the check starts from.</summary>
public sealed record StoredKey(
    Guid Id,
    string WorkspaceId,
    string Provider,
    int Version,
    SealedKey Sealed,
    string Fingerprint,
    CredentialStatus Status,
    string? StatusDetail,
    int ConsecutiveFailures,
    DateTimeOffset? RecheckRequestedAt,
    string? Traceparent)
{
    internal const string Columns =
        "k.id, k.workspace_id, k.provider, k.version, k.ciphertext, k.wrapped_key, k.master_key_id, k.fingerprint, k.status, k.status_detail, "
        + "k.consecutive_failures, k.recheck_requested_at, k.recheck_traceparent";

    /// <summary>A replica asked for this check, because the key failed a request.</summary>
    public bool RecheckRequested => RecheckRequestedAt is not null;

    /// <summary>What the check is made for, by the names of telemetry; a person who waits for the answer is not in the row.</summary>
    public string Trigger => RecheckRequested ? "live_failure" : Traceparent is not null ? "person" : "schedule";

    /// <summary>The trace of the request that failed, or of who asked.</summary>
    public string? CauseTraceId => ActivityContext.TryParse(Traceparent, null, out var cause) ? cause.TraceId.ToHexString() : null;

    public KeyScope Scope => new(WorkspaceId, Provider, Version);

    public string CredentialId => $"key:{Id:N}:{Version}";

    internal static StoredKey Map(NpgsqlDataReader row) => new(
        row.GetGuid(0),
        row.GetString(1),
        row.GetString(2),
        row.GetInt32(3),
        new SealedKey(row.GetFieldValue<byte[]>(4), row.GetFieldValue<byte[]>(5), row.GetString(6)),
        row.GetString(7),
        CredentialStatusText.Parse(row.GetString(8)),
        row.TextOrNull(9),
        row.GetInt32(10),
        row.TimeOrNull(11),
        row.TextOrNull(12));
}
