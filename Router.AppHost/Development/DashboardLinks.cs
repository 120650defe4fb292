namespace Router.AppHost.Development;

/// <summary>What links the dashboard, the Studio and the services' pages to each other.</summary>
internal static class DashboardLinks
{
    public const string TraceUrl = "Router__Studio__TraceUrl";

    /// <summary>The pages of the API that people open. In development anybody on this machine may read the metrics.</summary>
    public static IResourceBuilder<ProjectResource> WithPages(this IResourceBuilder<ProjectResource> api) => api
        .WithEnvironment("Router__Telemetry__Prometheus", "true")
        .WithEnvironment("Router__Telemetry__PrometheusAnonymous", "true")
        .WithUrlForEndpoint("http", (EndpointReference _) => new ResourceUrlAnnotation { Url = "/studio", DisplayText = "Studio" })
        .WithUrlForEndpoint("http", (EndpointReference _) => new ResourceUrlAnnotation { Url = "/scalar", DisplayText = "API reference" })
        .WithUrlForEndpoint("http", (EndpointReference _) => new ResourceUrlAnnotation { Url = "/metrics", DisplayText = "Metrics" });

    /// <summary>The simulator's page of keys and faults, and what was asked of it.</summary>
    public static IResourceBuilder<ProjectResource> WithFaultPage(this IResourceBuilder<ProjectResource> simulator) => simulator
        .WithUrlForEndpoint("http", (EndpointReference _) => new ResourceUrlAnnotation { Url = "/_simulator", DisplayText = "Keys and faults" })
        .WithUrlForEndpoint("http", (EndpointReference _) => new ResourceUrlAnnotation { Url = "/_simulator/journal", DisplayText = "Journal" });

    /// <summary>Lets the Studio link a request to its trace, where the dashboard's address is known.</summary>
    public static IResourceBuilder<ProjectResource> WithTraceLinks(this IResourceBuilder<ProjectResource> api)
    {
        var configuration = api.ApplicationBuilder.Configuration;
        // Given by the developer, it is forwarded like every setting. A test runs without the dashboard, on whatever ports are free.
        if (configuration["Router:Studio:TraceUrl"] is { Length: > 0 } || api.ApplicationBuilder.IsTemporary()) return api;
        return configuration["ASPNETCORE_URLS"]?.Split(';')[0] is { Length: > 0 } dashboard
            ? api.WithEnvironment(TraceUrl, dashboard.TrimEnd('/') + "/traces/detail/{traceId}")
            : api;
    }
}
