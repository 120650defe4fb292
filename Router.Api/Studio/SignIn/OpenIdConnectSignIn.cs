using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace Router.Api.Studio;

/// <summary>Adds the OpenID Connect handler where one is configured, and lets only administrators through it.</summary>
internal static class OpenIdConnectSignIn
{
    public const string Scheme = "oidc";

    public static AuthenticationBuilder AddOpenIdConnectSignIn(this AuthenticationBuilder authentication, IConfiguration configuration)
    {
        var settings = configuration.GetSection(OpenIdConnectSettings.Section).Get<OpenIdConnectSettings>() ?? new();
        if (!settings.IsConfigured)
            return authentication;
        return authentication.AddOpenIdConnect(Scheme, options =>
        {
            options.SignInScheme = StudioAuthentication.Scheme;
            options.Authority = settings.Authority;
            options.ClientId = settings.ClientId;
            options.ClientSecret = settings.ClientSecret.Length > 0 ? settings.ClientSecret : null;
            options.RequireHttpsMetadata = settings.RequireHttpsMetadata;
            options.ResponseType = OpenIdConnectResponseType.Code;
            options.ResponseMode = OpenIdConnectResponseMode.Query;
            options.UsePkce = true;
            options.CallbackPath = "/studio/signin-oidc";
            options.MapInboundClaims = false;
            options.GetClaimsFromUserInfoEndpoint = true;
            options.ClaimActions.MapAllExcept("nonce", "at_hash", "c_hash");
            options.SaveTokens = false;
            foreach (var scope in settings.Scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                options.Scope.Add(scope);
            options.CorrelationCookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            options.NonceCookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            // Both come back on a redirect from the provider's site, which Lax lets through on a GET.
            options.CorrelationCookie.SameSite = SameSiteMode.Lax;
            options.NonceCookie.SameSite = SameSiteMode.Lax;
            options.Events.OnTicketReceived = AdmitAsync;
            options.Events.OnRemoteFailure = context =>
            {
                context.HandleResponse();
                context.Response.Redirect("/studio/sign-in?failed=oidc");
                return Task.CompletedTask;
            };
        });
    }

    /// <summary>Replaces whatever the provider told by the little the Studio keeps.</summary>
    private static Task AdmitAsync(TicketReceivedContext context)
    {
        var users = context.HttpContext.RequestServices.GetRequiredService<StudioAuthentication>();
        if (context.Principal is not { } principal || users.SignIn(principal) is not { } user)
        {
            context.HandleResponse();
            context.Response.Redirect("/studio/sign-in?failed=not-admin");
            return Task.CompletedTask;
        }

        context.Principal = user.ToPrincipal();
        return Task.CompletedTask;
    }
}
