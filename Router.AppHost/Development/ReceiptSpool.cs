namespace Router.AppHost.Development;

/// <summary>Receipts that wait for the database wait beside its data.</summary>
internal static class ReceiptSpool
{
    public const string Directory = "Router__Usage__SpoolDirectory";

    /// <summary>Without one of its own, the API would take what another checkout's, or a test's, has put aside, and write it to its own database.</summary>
    public static IResourceBuilder<ProjectResource> WithReceiptSpool(this IResourceBuilder<ProjectResource> api)
    {
        var builder = api.ApplicationBuilder;
        return api.WithEnvironment(Directory, () => Path.Combine(Parent(builder), "usage-spool"));
    }

    private static string Parent(IDistributedApplicationBuilder builder) =>
        builder.Configuration["DcpPublisher:RandomizePorts"] == "true" && builder.Configuration[StateDirectory.ConfigurationKey] is null or ""
            ? Path.Combine(Path.GetTempPath(), $"router-test-{Environment.ProcessId}")
            : StateDirectory.Locate(builder.Configuration, Path.GetDirectoryName(builder.AppHostDirectory)!);
}
