using System.Globalization;
using System.Security.Claims;
using Router.Api.Auth;
using Router.Core.Keys;

namespace Router.Api.Studio;

/// <summary>Who is signed in, as the session cookie says it. The cookie holds no key, only who its holder was found to be, and which session it is of.</summary>
/// <param name="Name">What the page shows.</param>
/// <param name="Subject">The identity provider's id of an administrator who came from there.</param>
/// <param name="Stamp">What the sign-in rested on; a session ends when it is no longer so.</param>
/// <param name="Expires">When the session ends whatever happens; also for a page that stays open.</param>
/// <param name="Session">The session's id; empty before it has begun.</param>
internal sealed record StudioUser(ControlPlaneCaller Caller, string Name, string? Subject, string Stamp, DateTimeOffset Expires, string Session = "")
{
    private const string WorkspaceClaim = "router:workspace";
    private const string KeyClaim = "router:key";
    private const string SubjectClaim = "router:subject";
    private const string StampClaim = "router:stamp";
    private const string ExpiresClaim = "router:expires";
    private const string SessionClaim = "router:session";

    /// <summary>The same for all sessions of one key or person.</summary>
    public string Holder => $"{Stamp}\n{Subject}";

    public ClaimsPrincipal ToPrincipal()
    {
        var identity = new ClaimsIdentity(StudioAuthentication.Scheme);
        Add(ClaimTypes.Name, Name);
        Add(WorkspaceClaim, Caller.WorkspaceId);
        Add(KeyClaim, Caller.KeyId);
        Add(SubjectClaim, Subject);
        Add(StampClaim, Stamp);
        Add(ExpiresClaim, Expires.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        Add(SessionClaim, Session);
        return new ClaimsPrincipal(identity);

        void Add(string type, string? value)
        {
            if (value is not null)
                identity.AddClaim(new Claim(type, value));
        }
    }

    /// <returns>Null for a principal this class did not make.</returns>
    public static StudioUser? From(ClaimsPrincipal? principal) =>
        principal?.Identity is { IsAuthenticated: true, AuthenticationType: StudioAuthentication.Scheme }
        && principal.FindFirstValue(StampClaim) is { } stamp && principal.FindFirstValue(SessionClaim) is { } session
            ? new(
                new ControlPlaneCaller(principal.FindFirstValue(WorkspaceClaim), principal.FindFirstValue(KeyClaim)),
                principal.FindFirstValue(ClaimTypes.Name) ?? "",
                principal.FindFirstValue(SubjectClaim),
                stamp,
                DateTimeOffset.FromUnixTimeSeconds(long.TryParse(principal.FindFirstValue(ExpiresClaim), CultureInfo.InvariantCulture, out var seconds) ? seconds : 0),
                session)
            : null;

    public AuditOrigin Origin(string? address, string? traceId) => new(
        Caller.IsAdministrator ? AuditOrigin.Administrator : AuditOrigin.RouterKey, Caller.KeyId ?? Subject, address, traceId);
}
