using System.Reflection;
using Microsoft.Extensions.Configuration;

namespace Router.AppHost.Embedded;

internal sealed class DistributedApplicationBuilder : IDistributedApplicationBuilder
{
    public DistributedApplicationBuilder(string[] args)
    {
        AppHostDirectory = Path.Combine(Repository.Root, "Router.AppHost");
        var environment = Environment.GetEnvironmentVariable("DOTNET_ENVIRONMENT") ?? "Development";
        Configuration.SetBasePath(AppHostDirectory);
        Configuration.AddJsonFile("appsettings.json", optional: true).AddJsonFile($"appsettings.{environment}.json", optional: true);
        Configuration.AddUserSecrets(Assembly.GetExecutingAssembly(), optional: true);
        Configuration.AddEnvironmentVariables();
        Configuration.AddCommandLine(args);
        // The launch profile's address is the dashboard's, which there is none of here.
        Configuration.AddInMemoryCollection([new("ASPNETCORE_URLS", null)]);
        ExecutionContext = new(Configuration["operation"] is "publish" || Configuration["publisher"] is not null);
    }

    public ConfigurationManager Configuration { get; } = new();

    public DistributedApplicationExecutionContext ExecutionContext { get; }

    public IList<IResource> Resources { get; } = [];

    public string AppHostDirectory { get; }

    public IResourceBuilder<T> AddResource<T>(T resource)
        where T : IResource
    {
        if (Resources.Any(r => string.Equals(r.Name, resource.Name, StringComparison.OrdinalIgnoreCase)))
            throw new DistributedApplicationException($"The model already has a resource named '{resource.Name}'.");
        Resources.Add(resource);
        return new ResourceBuilder<T>(resource, this);
    }

    public IResourceBuilder<T> CreateResourceBuilder<T>(T resource)
        where T : IResource => new ResourceBuilder<T>(resource, this);

    public DistributedApplication Build()
    {
        EntryPointCapture.HandOver(this);
        return new DistributedApplication(this);
    }
}
