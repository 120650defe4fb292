namespace Router.AppHost.Development;

/// <summary>Receipts that wait for the database wait beside its data.</summary>
internal static class ReceiptSpool
{
    public const string Variable = "Router__Usage__SpoolDirectory";

    /// <summary>Without one of its own, the API would take what another checkout's, or a test's, has put aside, and write it to its own database.</summary>
    public static IResourceBuilder<ProjectResource> WithReceiptSpool(this IResourceBuilder<ProjectResource> api)
    {
        var configuration = api.ApplicationBuilder.Configuration;
        return api.WithEnvironment(Variable, () => Path.Combine(StateDirectory.OfRun(configuration), "usage-spool"));
    }
}
