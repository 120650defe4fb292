namespace Router.AppHost.Embedded.Testing;

/// <summary>What a test asks of a started application.</summary>
public static class TestingExtensions
{
    public static HttpClient CreateHttpClient(this DistributedApplication app, string resourceName, string? endpointName = null) =>
        new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = app.GetEndpoint(resourceName, endpointName) };

    public static Uri GetEndpoint(this DistributedApplication app, string resourceName, string? endpointName = null) =>
        app.Find(resourceName) is IResourceWithEndpoints resource
            ? new Uri(new EndpointReference(resource, endpointName ?? "http").Url)
            : throw new ArgumentException($"The resource '{resourceName}' has no endpoints.", nameof(resourceName));

    public static ValueTask<string?> GetConnectionStringAsync(this DistributedApplication app, string resourceName, CancellationToken cancellationToken = default) =>
        app.Find(resourceName) is IResourceWithConnectionString resource
            ? resource.GetConnectionStringAsync(cancellationToken)
            : throw new ArgumentException($"The resource '{resourceName}' has no connection string.", nameof(resourceName));

    /// <summary>The addresses of a service's processes; with one replica its only one. Not part of Aspire's API.</summary>
    public static IReadOnlyList<Uri> GetReplicaEndpoints(this DistributedApplication app, string resourceName) =>
        app.Orchestrator.Runnables.FirstOrDefault(r => r.Name == resourceName) switch
        {
            ReplicaSet set => [.. set.Replicas.Select(r => r.Address!)],
            ProjectRunner { Address: { } address } => [address],
            _ => throw new ArgumentException($"The resource '{resourceName}' is no running service.", nameof(resourceName)),
        };

    /// <summary>The last lines a resource or replica wrote. Not part of Aspire's API.</summary>
    public static IReadOnlyList<string> GetLogLines(this DistributedApplication app, string resourceName) => app.Orchestrator.Logs.Tail(resourceName);

    private static IResource Find(this DistributedApplication app, string name) =>
        app.Model.Resources.FirstOrDefault(r => string.Equals(r.Name, name, StringComparison.OrdinalIgnoreCase))
        ?? throw new ArgumentException($"The model has no resource '{name}'.", nameof(name));
}
