using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Router.Api.Auth;
using Router.Api.Dialects;
using Router.Core.Keys;
using Router.Core.Usage;

namespace Router.Api.Endpoints;

public static class ControlPlane
{
    /// <summary>Adds what the control plane's endpoints need beside <c>AddRouterKeys</c>, <c>AddRouterLimits</c> and an <c>IKeyChecker</c>.</summary>
    public static IServiceCollection AddControlPlane(this IServiceCollection services)
    {
        services.AddProblemDetails();
        services.AddOptions<AdminKeySettings>()
            .Configure<IConfiguration>(static (settings, configuration) => settings.Key = configuration[AdminKey.Setting])
            .Validate(static settings => AdminKey.IsUsable(settings.Key), AdminKeySettings.Fault)
            .ValidateOnStart();
        services.AddSingleton<AdminAuthenticator>();
        services.AddSingleton<Doorkeeper>();
        services.AddSingleton<ProviderKeySaver>();
        services.AddSingleton<ProviderSwitch>();
        services.AddSingleton<UsageQueries>();
        services.TryAddSingleton<RequestBody>();
        // What does not bind is answered by UseRouterErrors, as in development, and not with an empty body.
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        services.ConfigureHttpJsonOptions(options =>
        {
            // No reflection, so that a native API can do whatever another can.
            IList<IJsonTypeInfoResolver> known = options.SerializerOptions.TypeInfoResolverChain;
            foreach (IJsonTypeInfoResolver reflecting in known.OfType<DefaultJsonTypeInfoResolver>().ToArray())
                known.Remove(reflecting);
            known.Insert(0, ControlPlaneJsonContext.Default);
        });
        return services;
    }

    /// <summary>Maps <c>/api/workspaces…</c>, <c>/api/provider-keys</c>, <c>/api/providers</c> and <c>/router/v1/routers</c>, each behind its authentication.</summary>
    public static IEndpointRouteBuilder MapControlPlane(this IEndpointRouteBuilder endpoints)
    {
        var workspaces = Group(endpoints, "/api/workspaces");
        WorkspaceEndpoints.Map(workspaces);
        ApiKeyEndpoints.Map(workspaces);
        ProviderKeyEndpoints.Map(workspaces);
        AuditEndpoints.Map(workspaces);
        UsageEndpoints.Map(workspaces);
        ProviderKeyEndpoints.MapAll(Group(endpoints, "/api/provider-keys"));
        ProviderEndpoints.Map(Group(endpoints, "/api/providers"));
        SavedRouterEndpoints.Map(endpoints);
        return endpoints;
    }

    private static RouteGroupBuilder Group(IEndpointRouteBuilder endpoints, string prefix) => endpoints.MapGroup(prefix)
        .WithTags("Control plane")
        .WithMetadata(new RequestSizeLimitAttribute(JsonBody.MaxBytes))
        .ProducesProblem(StatusCodes.Status401Unauthorized)
        .ProducesProblem(StatusCodes.Status429TooManyRequests)
        .ProducesProblem(StatusCodes.Status503ServiceUnavailable)
        .AddEndpointFilter<RouteGroupBuilder, ControlPlaneFilter>();
}
