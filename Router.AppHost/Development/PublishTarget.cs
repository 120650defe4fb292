namespace Router.AppHost.Development;

internal static class PublishTarget
{
    /// <summary>
    /// Where publishing writes to. A model with both environments would have to assign every resource to one of them, so a run names one:
    /// <c>Publish:Target</c> is compose (the default) or kubernetes. Built without their packages, there is the manifest.
    /// </summary>
    public static void AddPublishTarget(this IDistributedApplicationBuilder builder)
    {
#if PUBLISH_TARGETS
        if (builder.IsForKubernetes())
            builder.AddKubernetesEnvironment("kubernetes");
        else
            builder.AddDockerComposeEnvironment("compose");
#endif
    }

    /// <summary>Kubernetes starts again whatever ends, so there the migrations stay.</summary>
    public static string[] MigrateArguments(this IDistributedApplicationBuilder builder) =>
        builder.ExecutionContext.IsPublishMode && builder.IsForKubernetes() ? ["migrate", "--stay"] : ["migrate"];

    private static bool IsForKubernetes(this IDistributedApplicationBuilder builder) => builder.Configuration["Publish:Target"] == "kubernetes";
}
