namespace Router.AppHost.Embedded;

/// <summary>An endpoint by name; its address is known once the application has allocated its ports.</summary>
public sealed class EndpointReference(IResourceWithEndpoints resource, string endpointName)
{
    public IResourceWithEndpoints Resource { get; } = resource;

    public string EndpointName { get; } = endpointName;

    public EndpointAnnotation EndpointAnnotation =>
        Resource.Annotations.OfType<EndpointAnnotation>().FirstOrDefault(e => e.Name == EndpointName)
        ?? throw new InvalidOperationException($"The resource '{Resource.Name}' has no endpoint '{EndpointName}'.");

    public int Port =>
        EndpointAnnotation.AllocatedPort
        ?? throw new InvalidOperationException($"The endpoint '{EndpointName}' of '{Resource.Name}' is not allocated before the start.");

    public string Url => $"{EndpointAnnotation.UriScheme}://localhost:{Port}";
}
