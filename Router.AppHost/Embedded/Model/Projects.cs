using Router.AppHost.Embedded;

namespace Projects;

#pragma warning disable CA1707 // Aspire generates these names from the project names.

public sealed class Router_Api : IProjectMetadata
{
    public string ProjectPath => Repository.Project("Router.Api");
}

public sealed class Router_Worker : IProjectMetadata
{
    public string ProjectPath => Repository.Project("Router.Worker");
}

public sealed class Router_Simulator : IProjectMetadata
{
    public string ProjectPath => Repository.Project("Router.Simulator");
}

/// <summary>Names the AppHost's entry point to the testing builder.</summary>
public sealed class Router_AppHost : IProjectMetadata
{
    public string ProjectPath => Repository.Project("Router.AppHost");
}
