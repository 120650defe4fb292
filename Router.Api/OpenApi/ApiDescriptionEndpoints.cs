using Scalar.AspNetCore;

namespace Router.Api.OpenApi;

public static class ApiDescriptionEndpoints
{
    public const string Path = "/openapi/v1.json";

    public static IServiceCollection AddApiDescription(this IServiceCollection services)
    {
        services.AddOpenApi(ApiDescription.Name);
        services.AddSingleton<ApiDescription>();
        return services;
    }

    /// <summary>
    /// Maps <c>/openapi/v1.json</c> and <c>/scalar</c>, the page to read it on. The page has its script from this process;
    /// it asks no other host for anything.
    /// </summary>
    public static IEndpointRouteBuilder MapApiDescription(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet(Path, async (ApiDescription description, CancellationToken cancellationToken) =>
            Results.Bytes(await description.GetAsync(cancellationToken), "application/json")).ExcludeFromDescription();
        endpoints.MapScalarApiReference("/scalar", options => options
            .WithTitle("Router API")
            .WithOpenApiRoutePattern(Path)
            .DisableDefaultFonts()
            .DisableTelemetry()
            .DisableAgent()
            .DisableMcp()).ExcludeFromDescription();
        return endpoints;
    }
}
