using System.Text.Json;
using Npgsql;
using Router.Core.Wire;

namespace Router.Core.Keys;

/// <summary>One change, or refused attempt at one. Neither a secret nor a ciphertext is ever part of it.</summary>
/// <param name="Target">What was changed: a provider's slug, a router key's id, a saved router's name, or the workspace itself.</param>
/// <param name="Outcome"><see cref="AuditActions.Done"/>, or the code the attempt was refused with.</param>
/// <param name="Changes">A JSON object of what else there is to know; for a policy, each changed member with <c>from</c> and <c>to</c>.</param>
public sealed record AuditEntry(
    long Id,
    DateTimeOffset At,
    AuditOrigin Origin,
    string Action,
    string Target,
    string Outcome,
    string? FromStatus,
    string? ToStatus,
    JsonElement? Changes)
{
    internal const string Columns = "id, at, actor, actor_id, client_ip, trace_id, action, target, outcome, from_status, to_status, changes::text";

    internal static AuditEntry Map(NpgsqlDataReader row) => new(
        row.GetInt64(0),
        row.GetFieldValue<DateTimeOffset>(1),
        new(row.GetString(2), row.TextOrNull(3), row.TextOrNull(4), row.TextOrNull(5)),
        row.GetString(6),
        row.GetString(7),
        row.GetString(8),
        row.TextOrNull(9),
        row.TextOrNull(10),
        row.TextOrNull(11) is { } changes ? JsonElement.Parse(changes, JsonDepth.Document) : null);
}
