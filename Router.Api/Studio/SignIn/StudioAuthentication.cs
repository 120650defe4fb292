using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using Router.Api.Auth;
using Router.Core.Keys;
using Router.Core.Limits;

namespace Router.Api.Studio;

/// <summary>
/// Turns a key into a signed-in user, and says whether one who signed in earlier still is one: an administrator's session
/// ends with the admin key or the OpenID Connect client it rested on, a workspace key's with the key or its permission, and each
/// when its holder signs out, on whichever replica and however often its cookie was copied.
/// </summary>
internal sealed class StudioAuthentication(
    AdminAuthenticator authenticator, Doorkeeper doorkeeper, ISnapshotSource snapshots, IConfiguration configuration, IOptions<OpenIdConnectSettings> openId, SessionStore sessions, TimeProvider time)
{
    public const string Scheme = "studio";

    /// <summary>A working day. A session is not prolonged by use, so that a stolen cookie has an end.</summary>
    public static readonly TimeSpan SessionLifetime = TimeSpan.FromHours(8);

    private readonly string _adminStamp = Stamp("admin", configuration[AdminKey.Setting]?.Trim());
    private readonly string _openIdStamp = Stamp("oidc", $"{openId.Value.Authority}\n{openId.Value.ClientId}\n{openId.Value.AdminClaim}\n{openId.Value.AdminValue}");

    /// <param name="key">The admin key, or a router API key that may manage its workspace.</param>
    /// <returns>Null when it is neither.</returns>
    public StudioUser? SignIn(string key) => Of(authenticator.Authenticate(Header(key)));

    /// <summary>The same for a key that comes in by the form.</summary>
    /// <param name="wait">How long its address has to wait before another is looked at; null where it need not.</param>
    public StudioUser? SignIn(HttpContext http, string key, out TimeSpan? wait) => Of(doorkeeper.Admit(http, KeyDoor.SignIn, Header(key), out wait));

    private static string Header(string key) => $"Bearer {key.Trim()}";

    private StudioUser? Of(ControlPlaneCaller? caller) => caller switch
    {
        null => null,
        { IsAdministrator: true } admin => new(admin, "Administrator", null, _adminStamp, Expiry),
        _ => new(caller, caller.KeyId!, null, Stamp("key", caller.KeyId), Expiry),
    };

    /// <param name="principal">As the identity provider's token says, already validated.</param>
    /// <returns>Null when the claim that makes an administrator is missing.</returns>
    public StudioUser? SignIn(ClaimsPrincipal principal)
    {
        var settings = openId.Value;
        if (settings.AdminValue.Length == 0 || !principal.HasClaim(claim => claim.Type == settings.AdminClaim && claim.Value == settings.AdminValue))
            return null;
        var subject = principal.FindFirstValue("sub") ?? principal.FindFirstValue(ClaimTypes.NameIdentifier);
        var name = principal.FindFirstValue("email") ?? principal.FindFirstValue("name") ?? subject ?? "Administrator";
        return new(new ControlPlaneCaller(null), Short(name), subject is null ? null : Short(subject), _openIdStamp, Expiry);
    }

    /// <summary>Begins a session of somebody who was let in.</summary>
    /// <exception cref="Npgsql.NpgsqlException">It cannot be kept, so there is none.</exception>
    public async Task<StudioUser> BeginAsync(StudioUser user, CancellationToken cancellationToken) =>
        user with { Session = await sessions.BeginAsync(user.Holder, SessionLifetime, cancellationToken) };

    /// <exception cref="Npgsql.NpgsqlException">It has not ended.</exception>
    public Task EndAsync(StudioUser user, CancellationToken cancellationToken) => sessions.EndAsync(user.Session, cancellationToken);

    /// <summary>Whether it is a session that has not ended, of somebody who would be let in now.</summary>
    /// <exception cref="Npgsql.NpgsqlException">Nobody knows: the database does not answer.</exception>
    public async Task<bool> IsOpenAsync(StudioUser user, CancellationToken cancellationToken) =>
        IsStillGood(user) && await sessions.IsOpenAsync(user.Session, cancellationToken);

    /// <summary>Whether they would be let in now; whether their session has ended is not asked.</summary>
    public bool IsStillGood(StudioUser user)
    {
        if (user.Expires <= time.GetUtcNow())
            return false;
        if (user.Caller is { WorkspaceId: { } workspace, KeyId: { } id })
        {
            // Before the first read of the state nothing is known, which is no reason to throw somebody out.
            var snapshot = snapshots.Current;
            return !snapshot.IsLoaded
                || (snapshot.RouterKeys.TryGetValue(id, out var key) && key.WorkspaceId == workspace && key.Permissions.HasFlag(RouterKeyPermissions.Manage));
        }

        return user.Stamp == _adminStamp || (openId.Value.IsConfigured && user.Stamp == _openIdStamp);
    }

    private DateTimeOffset Expiry => time.GetUtcNow() + SessionLifetime;

    private static string Stamp(string kind, string? of) =>
        $"{kind}:{(of is null ? "none" : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"router/studio/{kind}/{of}")).AsSpan(0, 8)))}";

    private static string Short(string text) => text.Length <= 200 ? text : text[..200];
}
