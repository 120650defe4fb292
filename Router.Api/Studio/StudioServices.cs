using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Microsoft.FluentUI.AspNetCore.Components;
using Npgsql;
using Router.Api.Dialects.OpenAI;
using Router.Core.Keys;

namespace Router.Api.Studio;

/// <summary>The web UI: Razor components rendered on the server, behind a session of their own.</summary>
public static class StudioServices
{
    public static IServiceCollection AddStudio(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddRazorComponents().AddInteractiveServerComponents().AddHubOptions(static options =>
        {
            options.AddFilter(new PoolThreadHubFilter());
            options.AddFilter<SilentSocketFilter>();
        });
        services.AddSingleton<SilentSocketFilter>();
        services.Configure<WebSocketOptions>(static options => (options.KeepAliveInterval, options.KeepAliveTimeout) = (SilentSocketFilter.Patience / 2, SilentSocketFilter.Patience / 2));
        services.AddFluentUIComponents();
        services.AddOptions<OpenIdConnectSettings>().Bind(configuration.GetSection(OpenIdConnectSettings.Section))
            .Validate(settings => settings.IsComplete, $"{OpenIdConnectSettings.Section} needs ClientId and AdminValue beside Authority.")
            .ValidateOnStart();
        services.AddOptions<StudioSettings>().Bind(configuration.GetSection(StudioSettings.Section))
            .Validate(settings => settings.IsUsable, $"{StudioSettings.Section}:TraceUrl is an absolute http or https address with {{traceId}} in it.")
            .ValidateOnStart();
        services.AddSingleton<StudioAuthentication>();
        services.AddScoped<StudioSession>();
        services.TryAddSingleton<ChatRequestReader>();
        services.AddSingleton<Playground>();
        services.AddScoped<AuthenticationStateProvider, SessionWatch>();
        services.AddCascadingAuthenticationState();
        services.AddAuthentication(StudioAuthentication.Scheme).AddCookie(StudioAuthentication.Scheme, Configure).AddOpenIdConnectSignIn(configuration);
        services.AddAuthorization();
        services.AddAntiforgery(options =>
        {
            options.Cookie.Name = "router-antiforgery";
            options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        });
        services.AddDataProtection().SetApplicationName("router-studio");
        services.AddSingleton<IConfigureOptions<KeyManagementOptions>>(provider => new ConfigureOptions<KeyManagementOptions>(options =>
        {
            options.XmlRepository = new PostgresKeyRepository(provider.GetRequiredService<NpgsqlDataSource>());
            options.XmlEncryptor = new MasterKeyXmlEncryptor(provider.GetRequiredService<KeyCipher>());
        }));
        return services;
    }

    public static WebApplication UseStudio(this WebApplication app)
    {
        // Around the sign-in too, which answers its own addresses.
        app.UseWhen(static http => !http.Request.Path.StartsWithSegments("/v1", StringComparison.Ordinal), static pages => pages.Use(StudioPages.AnswerAsync));
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseWhen(static http => !http.Request.Path.StartsWithSegments("/v1", StringComparison.Ordinal), static pages =>
        {
            pages.Use(StudioHeaders.AddAsync);
            pages.UseAntiforgery();
        });
        return app;
    }

    public static WebApplication MapStudio(this WebApplication app)
    {
        app.MapStaticAssets().ShortCircuit();
        app.MapGet("/", () => TypedResults.LocalRedirect("/studio")).ExcludeFromDescription();
        SignInEndpoints.Map(app);
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode(options => options.ContentSecurityFrameAncestorsPolicy = null);
        return app;
    }

    private static void Configure(CookieAuthenticationOptions options)
    {
        options.Cookie.Name = "router-studio";
        options.Cookie.HttpOnly = true;
        options.Cookie.SameSite = SameSiteMode.Lax;
        // A developer's http://localhost works in every browser; behind TLS, also one that a proxy ends, the cookie is Secure.
        options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        options.ExpireTimeSpan = StudioAuthentication.SessionLifetime;
        options.SlidingExpiration = false;
        options.LoginPath = "/studio/sign-in";
        options.ReturnUrlParameter = "return";
        options.Events.OnValidatePrincipal = ValidateAsync;
    }

    private static async Task ValidateAsync(CookieValidatePrincipalContext context)
    {
        var users = context.HttpContext.RequestServices.GetRequiredService<StudioAuthentication>();
        try
        {
            if (StudioUser.From(context.Principal) is not { } user || !await users.IsOpenAsync(user, context.HttpContext.RequestAborted))
                context.RejectPrincipal();
        }
        catch (Exception exception) when (Outage.Is(exception))
        {
            // Nobody knows. The page's frame is shown, which holds nothing; what is in it asks again, and says that nobody knows.
        }
    }
}
