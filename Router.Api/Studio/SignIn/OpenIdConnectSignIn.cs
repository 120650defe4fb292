using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace Router.Api.Studio;

/// <summary>Adds the OpenID Connect handler where one is configured, and lets only administrators through it.</summary>
internal static partial class OpenIdConnectSignIn
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

    /// <summary>Whether the provider says where people sign in, which it is asked for once and then now and then.</summary>
    public static async Task<bool> IsReachableAsync(HttpContext http)
    {
        try
        {
            var options = http.RequestServices.GetRequiredService<IOptionsMonitor<OpenIdConnectOptions>>().Get(Scheme);
            return options.ConfigurationManager is null || await options.ConfigurationManager.GetConfigurationAsync(http.RequestAborted) is { AuthorizationEndpoint.Length: > 0 };
        }
        catch (Exception exception) when (!http.RequestAborted.IsCancellationRequested)
        {
            LogUnreachable(http.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(OpenIdConnectSignIn).FullName!), exception);
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The identity provider of the Studio's sign-in cannot be reached")]
    private static partial void LogUnreachable(ILogger logger, Exception exception);

    /// <summary>Replaces whatever the provider told by the little the Studio keeps.</summary>
    private static async Task AdmitAsync(TicketReceivedContext context)
    {
        var users = context.HttpContext.RequestServices.GetRequiredService<StudioAuthentication>();
        if (context.Principal is not { } principal || users.SignIn(principal) is not { } user)
        {
            context.HandleResponse();
            context.Response.Redirect("/studio/sign-in?failed=not-admin");
            return;
        }

        try
        {
            context.Principal = (await users.BeginAsync(user, context.HttpContext.RequestAborted)).ToPrincipal();
        }
        catch (Exception exception) when (Outage.Is(exception))
        {
            context.HandleResponse();
            context.Response.Redirect("/studio/sign-in?failed=database");
        }
    }
}
