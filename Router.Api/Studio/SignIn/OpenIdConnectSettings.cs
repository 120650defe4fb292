namespace Router.Api.Studio;

/// <summary>
/// <c>Router:OpenIdConnect</c>: administrators may sign in to the Studio through this identity provider, by authorization
/// code with PKCE. Its redirect URI is <c>{origin}/studio/signin-oidc</c>.
/// </summary>
public sealed class OpenIdConnectSettings
{
    public const string Section = "Router:OpenIdConnect";

    /// <summary>The issuer's URL; empty: OpenID Connect is not used.</summary>
    public string Authority { get; init; } = "";

    public string ClientId { get; init; } = "";

    /// <summary>Empty for a public client.</summary>
    public string ClientSecret { get; init; } = "";

    /// <summary>The claim of the ID token or the userinfo answer that decides who administers.</summary>
    public string AdminClaim { get; init; } = "groups";

    /// <summary>The value of the claim that makes an administrator. Required: without it anybody the provider knows would be one.</summary>
    public string AdminValue { get; init; } = "";

    /// <summary>Asked for beside <c>openid</c> and <c>profile</c>, separated by spaces.</summary>
    public string Scopes { get; init; } = "email";

    /// <summary>False only for an issuer on plain http while testing.</summary>
    public bool RequireHttpsMetadata { get; init; } = true;

    public bool IsConfigured => Authority.Length > 0;

    public bool IsComplete => !IsConfigured || (ClientId.Length > 0 && AdminValue.Length > 0);
}
