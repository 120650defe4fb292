namespace Router.AppHost.Development;

/// <summary>How the API ends, as its orchestrator has to know it.</summary>
internal static class Stopping
{
    /// <summary>
    /// How long a deployment waits for the API before it kills it: as long as the API lets answers run (<c>Router__Shutdown__Timeout</c>, 120 s),
    /// and then what it needs to write its last receipts and send its last telemetry.
    /// </summary>
    public const int GraceSeconds = 135;

    /// <summary>A developer waits for no balancer, nor for an answer that nobody reads: Ctrl+C ends a run at once. Settings that are given win.</summary>
    public static IResourceBuilder<ProjectResource> WithPromptEnd(this IResourceBuilder<ProjectResource> api) => api
        .WithEnvironment("Router__Shutdown__Drain", "00:00:00")
        .WithEnvironment("Router__Shutdown__Timeout", "00:00:01");

    /// <summary>Published, the API is given the time it takes.</summary>
    public static IResourceBuilder<ProjectResource> WithGracePeriod(this IResourceBuilder<ProjectResource> api)
    {
#if PUBLISH_TARGETS
        api.PublishAsDockerComposeService((_, service) => service.StopGracePeriod = $"{GraceSeconds}s");
        api.PublishAsKubernetesService(resource =>
        {
            if (resource.Workload?.PodTemplate.Spec is { } pod) pod.TerminationGracePeriodSeconds = GraceSeconds;
        });
#endif
        return api;
    }
}
