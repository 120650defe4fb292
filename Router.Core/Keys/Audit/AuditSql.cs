namespace Router.Core.Keys;

/// <summary>
/// The log's side of a store's statement. The entry is written by the statement that makes the change, so that there is
/// never one without the other.
/// </summary>
internal static class AuditSql
{
    /// <summary>To be followed by a SELECT of these columns.</summary>
    public const string Insert =
        "INSERT INTO audit_log (actor, actor_id, client_ip, trace_id, workspace_id, action, target, outcome, from_status, to_status, changes)";

    /// <summary>The values of an origin, in the order of the columns above.</summary>
    public static object?[] Values(AuditOrigin origin) => [origin.Actor, origin.ActorId, origin.ClientIp, origin.TraceId];
}
