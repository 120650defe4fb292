namespace Router.AppHost.Development;

/// <summary>What links the dashboard and the Studio to each other.</summary>
internal static class DashboardLinks
{
    public const string TraceUrl = "Router__Studio__TraceUrl";

    /// <summary>The pages of the API that people open.</summary>
    public static IResourceBuilder<ProjectResource> WithPages(this IResourceBuilder<ProjectResource> api) => api
        .WithUrlForEndpoint("http", (EndpointReference _) => new ResourceUrlAnnotation { Url = "/studio", DisplayText = "Studio" })
        .WithUrlForEndpoint("http", (EndpointReference _) => new ResourceUrlAnnotation { Url = "/scalar", DisplayText = "API reference" });

    /// <summary>Lets the Studio link a request to its trace, where the dashboard's address is known: the one in the launch profile.</summary>
    public static IResourceBuilder<ProjectResource> WithTraceLinks(this IResourceBuilder<ProjectResource> api)
    {
        var configuration = api.ApplicationBuilder.Configuration;
        var given = configuration["Router:Studio:TraceUrl"];
        if (given is { Length: > 0 }) return api.WithEnvironment(TraceUrl, given);

        // A test runs without the dashboard, on whatever ports are free.
        if (configuration["DcpPublisher:RandomizePorts"] == "true") return api;
        var dashboard = configuration["ASPNETCORE_URLS"]?.Split(';')[0];
        return dashboard is { Length: > 0 } ? api.WithEnvironment(TraceUrl, dashboard.TrimEnd('/') + "/traces/detail/{traceId}") : api;
    }
}
