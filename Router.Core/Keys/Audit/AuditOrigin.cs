namespace Router.Core.Keys;

/// <summary>Who makes a change, and from where. Holds no secret.</summary>
/// <param name="Actor"><c>admin</c>, <c>router_key</c>, or <c>system</c> for what the router does itself, such as seeding.</param>
/// <param name="ActorId">The public id of the router key.</param>
/// <param name="ClientIp">The address the connection came from.</param>
public sealed record AuditOrigin(string Actor, string? ActorId = null, string? ClientIp = null, string? TraceId = null)
{
    public const string Administrator = "admin";
    public const string RouterKey = "router_key";

    public static AuditOrigin System { get; } = new("system");
}
