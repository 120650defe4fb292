namespace Router.AppHost.Embedded;

public interface IComputeEnvironmentResource : IResource;

/// <summary>Publishing is Aspire's: here the environments are named in the model and do nothing.</summary>
public static class PublishingExtensions
{
    public static IResourceBuilder<IComputeEnvironmentResource> AddDockerComposeEnvironment(this IDistributedApplicationBuilder builder, string name) =>
        new ResourceBuilder<IComputeEnvironmentResource>(new Environment(name), builder);

    public static IResourceBuilder<IComputeEnvironmentResource> AddKubernetesEnvironment(this IDistributedApplicationBuilder builder, string name) =>
        new ResourceBuilder<IComputeEnvironmentResource>(new Environment(name), builder);

    private sealed class Environment(string name) : Resource(name), IComputeEnvironmentResource;
}
