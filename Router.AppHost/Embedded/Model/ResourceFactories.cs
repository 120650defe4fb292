using Microsoft.Extensions.Configuration;

namespace Router.AppHost.Embedded;

/// <summary>The <c>Add…</c> calls of AppHost.cs.</summary>
public static class ResourceFactories
{
    public static IResourceBuilder<PostgresServerResource> AddPostgres(this IDistributedApplicationBuilder builder, string name) =>
        builder.AddResource(new PostgresServerResource(name));

    /// <summary>A no-op: the embedded server always keeps its data in the state directory.</summary>
    public static IResourceBuilder<PostgresServerResource> WithDataVolume(this IResourceBuilder<PostgresServerResource> builder, string? name = null, bool isReadOnly = false) => builder;

    public static IResourceBuilder<PostgresDatabaseResource> AddDatabase(this IResourceBuilder<PostgresServerResource> builder, string name, string? databaseName = null)
    {
        var database = builder.ApplicationBuilder.AddResource(new PostgresDatabaseResource(name, databaseName ?? name, builder.Resource));
        return database.WaitFor(builder);
    }

    public static IResourceBuilder<RedisResource> AddRedis(this IDistributedApplicationBuilder builder, string name) =>
        builder.AddResource(new RedisResource(name));

    public static IResourceBuilder<ProjectResource> AddProject<TProject>(this IDistributedApplicationBuilder builder, string name)
        where TProject : IProjectMetadata, new() => builder.AddProject(name, new TProject(), "http");

    public static IResourceBuilder<ProjectResource> AddProject<TProject>(this IDistributedApplicationBuilder builder, string name, string? launchProfileName)
        where TProject : IProjectMetadata, new() => builder.AddProject(name, new TProject(), launchProfileName);

    public static IResourceBuilder<ParameterResource> AddParameter(this IDistributedApplicationBuilder builder, string name, bool secret = false) =>
        builder.AddParameter(
            name,
            () => builder.Configuration[$"Parameters:{name}"] ?? builder.Configuration[$"Parameters:{name.Replace('-', '_')}"]
                ?? throw new DistributedApplicationException($"The parameter '{name}' has no value: set the configuration key Parameters:{name}."),
            secret: secret);

    public static IResourceBuilder<ParameterResource> AddParameter(this IDistributedApplicationBuilder builder, string name, Func<string> valueGetter, bool publishValueAsDefault = false, bool secret = false) =>
        builder.AddResource(new ParameterResource(name, valueGetter, secret));

    /// <summary>A builder for the resource of that name, so that a test can add to it.</summary>
    public static IResourceBuilder<T> CreateResourceBuilder<T>(this IDistributedApplicationBuilder builder, string name)
        where T : IResource =>
        builder.CreateResourceBuilder(builder.Resources.OfType<T>().FirstOrDefault(r => r.Name == name)
            ?? throw new InvalidOperationException($"The model has no {typeof(T).Name} named '{name}'."));

    private static IResourceBuilder<ProjectResource> AddProject(this IDistributedApplicationBuilder builder, string name, IProjectMetadata metadata, string? launchProfile)
    {
        var project = builder.AddResource(new ProjectResource(name, metadata, launchProfile));
        foreach (var url in LaunchSettings.Read(metadata.ProjectPath, launchProfile).Urls)
            project.With(new EndpointAnnotation(url.Scheme, url.Scheme, url.Port));
        return project;
    }
}
