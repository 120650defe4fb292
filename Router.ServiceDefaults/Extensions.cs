using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;

namespace Microsoft.Extensions.Hosting;

/// <summary>What every service of the router has: telemetry, health, service discovery.</summary>
public static class Extensions
{
    /// <remarks>
    /// There is no standard resilience handler on the HTTP clients. It retries POSTs, and a retry behind the router's back
    /// is a request that no plan, no budget and no usage record knows of.
    /// </remarks>
    public static TBuilder AddServiceDefaults<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        builder.ConfigureOpenTelemetry();
        builder.AddDefaultHealthChecks();
        builder.Services.AddServiceDiscovery();
        builder.Services.ConfigureHttpClientDefaults(http => http.AddServiceDiscovery());
        return builder;
    }
}
