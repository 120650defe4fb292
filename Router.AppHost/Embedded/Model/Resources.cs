using System.Collections.ObjectModel;

namespace Router.AppHost.Embedded;

/// <summary>A node of the application model. The model's types mirror the part of Aspire's API that AppHost.cs uses.</summary>
public interface IResource
{
    string Name { get; }

    ResourceAnnotationCollection Annotations { get; }
}

public interface IResourceWithEnvironment : IResource;

public interface IResourceWithArgs : IResource;

public interface IResourceWithWaitSupport : IResource;

public interface IResourceWithEndpoints : IResource;

public interface IResourceWithServiceDiscovery : IResourceWithEndpoints;

public interface IResourceWithConnectionString : IResource
{
    /// <summary>The value for <c>ConnectionStrings__name</c>; known once the application has allocated its ports.</summary>
    ValueTask<string?> GetConnectionStringAsync(CancellationToken cancellationToken = default);
}

public interface IResourceAnnotation;

public sealed class ResourceAnnotationCollection : Collection<IResourceAnnotation>;

public abstract class Resource(string name) : IResource
{
    public string Name { get; } = name;

    public ResourceAnnotationCollection Annotations { get; } = [];
}

/// <summary>What a project looks like to the runner: where its csproj is.</summary>
public interface IProjectMetadata
{
    string ProjectPath { get; }
}

public sealed class ProjectResource(string name, IProjectMetadata metadata, string? launchProfile)
    : Resource(name), IResourceWithEnvironment, IResourceWithArgs, IResourceWithServiceDiscovery, IResourceWithWaitSupport
{
    public IProjectMetadata Metadata { get; } = metadata;

    public string? LaunchProfile { get; } = launchProfile;
}
