using Npgsql;
using Router.Core.Keys;

namespace Router.Core.Usage;

/// <summary>What attempts to list; null members do not narrow.</summary>
public sealed record AttemptFilter(
    DateTimeOffset? From, DateTimeOffset? To, string? Provider, string? Model, string? CredentialType, string? Outcome, Guid? GenerationId, string? TraceId);

/// <summary>Where a page ended: the next holds what is older.</summary>
public sealed record AttemptCursor(DateTimeOffset At, Guid Id);

/// <summary>Whole requests, by the newest of their attempts that was looked for.</summary>
/// <param name="Next">Where the page of attempts looked for ended; null at the end.</param>
public sealed record GenerationPage(IReadOnlyList<Generation> Generations, AttemptCursor? Next);

/// <summary>A request with every attempt it took, by number.</summary>
public sealed record Generation(Guid Id, IReadOnlyList<UsageRecord> Attempts);

/// <summary>Sums over a group of attempts.</summary>
/// <param name="Group">The day, model, provider, credential type or router key.</param>
/// <param name="ListPrice">Of those with a price; null where none of what may have been billed has one.</param>
/// <param name="Charge">Likewise.</param>
/// <param name="Unpriced">How many may have been billed at a price nobody knows: the sums hold nothing of them.</param>
public sealed record UsageSum(
    string Group, long Attempts, long Failures, long Estimated, long InputTokens, long CachedTokens, long OutputTokens, long ReasoningTokens, decimal? ListPrice, decimal? Charge, long Unpriced = 0, long CacheWriteTokens = 0);

/// <summary>
/// Reads usage of one workspace. Receipts outlive their workspace: what an earlier one of the same id used is the
/// administrator's business only, so every question says since when the asker may look.
/// </summary>
public sealed class UsageQueries(NpgsqlDataSource database)
{
    private static readonly TimeSpan Around = TimeSpan.FromDays(1);

    /// <summary>Tokens are null where nothing can have been billed.</summary>
    private const string Unpriced = "list_price_usd IS NULL AND input_tokens IS NOT NULL";

    /// <summary>What usage can be grouped by, and the SQL of it.</summary>
    public static IReadOnlyDictionary<string, string> Groups { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["day"] = "to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD')",
        ["model"] = "provider || '/' || model",
        ["provider"] = "provider",
        ["credential_type"] = "credential_type",
        ["api_key"] = "coalesce(router_key_id, '')",
    };

    /// <summary>Newest first.</summary>
    /// <param name="since">The asker's workspace's beginning; null for the administrator.</param>
    public Task<List<UsageRecord>> AttemptsAsync(
        string workspaceId, DateTimeOffset? since, AttemptFilter filter, AttemptCursor? before, int limit, CancellationToken cancellationToken) =>
        database.Statement(
            $"""
            SELECT {UsageBatch.Columns} FROM usage_attempts
            WHERE workspace_id = $1 AND ($2::timestamptz IS NULL OR at >= $2::timestamptz) AND ($3::timestamptz IS NULL OR at < $3::timestamptz)
              AND ($4::text IS NULL OR provider = $4::text) AND ($5::text IS NULL OR model = $5::text) AND ($6::text IS NULL OR credential_type = $6::text)
              AND ($7::text IS NULL OR outcome = $7::text) AND ($8::uuid IS NULL OR generation_id = $8::uuid) AND ($9::text IS NULL OR trace_id = $9::text)
              AND ($10::timestamptz IS NULL OR (at, id) < ($10::timestamptz, $11::uuid))
              AND ($13::timestamptz IS NULL OR at >= $13::timestamptz)
            ORDER BY at DESC, id DESC LIMIT $12
            """,
            workspaceId, filter.From?.UtcDateTime, filter.To?.UtcDateTime, filter.Provider, filter.Model, filter.CredentialType, filter.Outcome,
            filter.GenerationId, filter.TraceId, before?.At.UtcDateTime, before?.Id, limit, since?.UtcDateTime).ReadAsync(Map, cancellationToken);

    /// <summary>
    /// The requests that have an attempt the filter is about, newest first, each with all its attempts: one that failed is little
    /// without the one that served.
    /// </summary>
    /// <param name="since">As above.</param>
    /// <param name="limit">How many attempts to look for, so that as many requests at most are found.</param>
    public async Task<GenerationPage> GenerationsAsync(
        string workspaceId, DateTimeOffset? since, AttemptFilter filter, AttemptCursor? before, int limit, CancellationToken cancellationToken)
    {
        var found = await AttemptsAsync(workspaceId, since, filter, before, limit, cancellationToken).ConfigureAwait(false);
        if (found.Count == 0)
            return new([], null);
        Guid[] ids = [.. found.Select(attempt => attempt.GenerationId).Distinct()];
        // No request lasts for a day: the days around those found are few partitions to look into.
        var all = (await database.Statement(
            $"""
            SELECT {UsageBatch.Columns} FROM usage_attempts
            WHERE workspace_id = $1 AND generation_id = ANY($2) AND at > $3 AND at < $4 AND ($5::timestamptz IS NULL OR at >= $5::timestamptz)
            ORDER BY attempt, at
            """,
            workspaceId, ids, (found[^1].At - Around).UtcDateTime, (found[0].At + Around).UtcDateTime, since?.UtcDateTime)
            .ReadAsync(Map, cancellationToken).ConfigureAwait(false)).ToLookup(attempt => attempt.GenerationId);
        return new(
            [.. ids.Select(id => new Generation(id, [.. all[id]]))],
            found.Count == limit ? new AttemptCursor(found[^1].At, found[^1].Id) : null);
    }

    /// <param name="group">A key of <see cref="Groups"/>.</param>
    /// <param name="since">As above.</param>
    public Task<List<UsageSum>> SumsAsync(string workspaceId, DateTimeOffset? since, string group, DateTimeOffset? from, DateTimeOffset? to, CancellationToken cancellationToken) =>
        database.Statement(
            $"""
            SELECT {Groups[group]}, count(*), count(*) FILTER (WHERE outcome <> 'success'), count(*) FILTER (WHERE estimated),
                {Sum("input_tokens")}, {Sum("cached_tokens")}, {Sum("output_tokens")},
                {Sum("reasoning_tokens")}, {Price("list_price_usd")}, {Price("charge_usd")}, count(*) FILTER (WHERE {Unpriced}), {Sum("cache_write_tokens")}
            FROM usage_attempts
            WHERE workspace_id = $1 AND ($2::timestamptz IS NULL OR at >= $2::timestamptz) AND ($3::timestamptz IS NULL OR at < $3::timestamptz)
              AND ($4::timestamptz IS NULL OR at >= $4::timestamptz)
            GROUP BY 1 ORDER BY 1
            """,
            workspaceId, from?.UtcDateTime, to?.UtcDateTime, since?.UtcDateTime).ReadAsync(
                row => new UsageSum(
                    row.GetString(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4), row.GetInt64(5), row.GetInt64(6), row.GetInt64(7),
                    Or<decimal>(row, 8), Or<decimal>(row, 9), row.GetInt64(10), row.GetInt64(11)),
                cancellationToken);

    /// <summary>A sum of receipts that say too much must not keep the others from being read: it ends at what fits.</summary>
    private static string Sum(string column) => $"least(coalesce(sum({column}), 0), {long.MaxValue})::bigint";

    /// <summary>Nothing billed is 0; something billed at no known price is not.</summary>
    private static string Price(string column) => $"CASE WHEN count({column}) = 0 AND bool_or({Unpriced}) THEN NULL ELSE coalesce(sum({column}), 0) END";

    private static UsageRecord Map(NpgsqlDataReader row) => new(
        row.GetGuid(0),
        row.GetFieldValue<DateTimeOffset>(1),
        row.GetString(2),
        row.TextOrNull(3),
        row.GetGuid(4),
        row.GetInt32(5),
        row.TextOrNull(6),
        row.GetString(7),
        row.GetString(8),
        row.TextOrNull(9),
        row.GetString(10),
        row.GetString(11),
        row.GetString(12),
        row.GetBoolean(13),
        row.GetString(14),
        Or<int>(row, 15),
        row.GetInt64(16),
        Or<long>(row, 17),
        Or<long>(row, 18),
        Or<long>(row, 19),
        Or<long>(row, 20),
        Or<long>(row, 21),
        row.GetBoolean(22),
        Or<decimal>(row, 23),
        Or<decimal>(row, 24),
        Or<long>(row, 25),
        Or<long>(row, 26),
        row.TextOrNull(27));

    private static T? Or<T>(NpgsqlDataReader row, int ordinal)
        where T : struct => row.IsDBNull(ordinal) ? null : row.GetFieldValue<T>(ordinal);
}
