using Npgsql;
using Router.Core.Providers;

namespace Router.Core.Keys;

/// <summary>
/// Which providers an administrator made live where the simulator stood in for them. What the one of the two said of a stored key says
/// nothing of the other: a switch forgets it and has the provider's keys checked again.
/// </summary>
public sealed class LiveProviderStore(NpgsqlDataSource database)
{
    internal const string Select = "SELECT provider FROM live_providers";

    /// <summary>Where a line of a key's history comes from that a switch left.</summary>
    public const string HistorySource = "switch";

    public Task<List<string>> ListAsync(CancellationToken cancellationToken) => database.Statement(Select).ReadAsync(row => row.GetString(0), cancellationToken);

    /// <summary>
    /// Switches, and logs it for every workspace: requests of all of them go elsewhere now. Checks that are under way are void, as they
    /// asked the other one.
    /// </summary>
    /// <param name="traceparent">Of the request that asks; the checks link to it.</param>
    /// <returns>False when it was so already.</returns>
    public async Task<bool> SetAsync(ProviderDefinition provider, bool live, AuditOrigin origin, string? traceparent, CancellationToken cancellationToken) =>
        (await database.Statement(
            $"""
            WITH switched AS (
                {(live ? "INSERT INTO live_providers (provider) VALUES ($5) ON CONFLICT DO NOTHING" : "DELETE FROM live_providers WHERE provider = $5")} RETURNING provider
            ), before AS (
                SELECT id, status FROM provider_keys WHERE provider = $5
            ), due AS (
                UPDATE provider_keys k SET status = 'unknown', status_detail = NULL, cooling_until = NULL, checked_at = NULL, consecutive_failures = 0,
                    next_check_at = now(), recheck_requested_at = NULL, recheck_traceparent = $6::text, claimed_until = NULL, claimed_by = NULL
                FROM switched WHERE k.provider = switched.provider
                RETURNING k.id, k.version
            ), noted AS (
                INSERT INTO provider_key_history (key_id, version, from_status, to_status, reason, source, cause, actor, actor_id, trace_id)
                SELECT due.id, due.version, before.status, 'unknown', $7, '{HistorySource}', 'person', $1, $2::text, $4::text FROM due JOIN before ON before.id = due.id
            ), audited AS (
                {AuditSql.Insert}
                SELECT $1, $2::text, $3::text, $4::text, workspaces.id, '{AuditActions.SwitchProvider}', switched.provider, '{AuditActions.Done}', $8, $9, NULL
                FROM switched CROSS JOIN workspaces
            )
            SELECT 1 FROM switched
            """,
            [
                .. AuditSql.Values(origin), provider.Slug, traceparent,
                $"{provider.DisplayName} is {(live ? "live now: what the simulator said of the key" : "simulated now: what it said of the key itself")} counts no more.",
                Word(!live), Word(live),
            ]).ReadAsync(row => row.GetInt32(0), cancellationToken).ConfigureAwait(false)).Count > 0;

    private static string Word(bool live) => live ? "live" : "simulated";
}
