namespace Router.AppHost.Embedded;

internal static class RunnableFactory
{
    /// <summary>Null for what needs no running: parameters.</summary>
    public static IRunnable? Create(IResource resource, DistributedApplicationBuilder model, RunContext context) => resource switch
    {
        PostgresServerResource postgres => new PostgresRunner(postgres, context),
        PostgresDatabaseResource database => new DatabaseRunner(database, context),
        RedisResource redis => new GarnetRunner(redis, context),
        ProjectResource project => Create(project, model, context),
        _ => null,
    };

    private static IRunnable Create(ProjectResource project, DistributedApplicationBuilder model, RunContext context)
    {
        var port = project.Annotations.OfType<EndpointAnnotation>().FirstOrDefault()?.AllocatedPort;
        var replicas = project.Annotations.OfType<ReplicaAnnotation>().LastOrDefault()?.Replicas ?? 1;
        if (replicas > 1 && port is { } publicPort) return new ReplicaSet(project, publicPort, replicas, context);

        // Something waits for its end: it is a task, not a service.
        var runsToCompletion = model.Resources.SelectMany(r => r.Annotations.OfType<WaitAnnotation>())
            .Any(w => w.Resource == project && w.WaitType == WaitType.WaitForCompletion);
        return new ProjectRunner(project, project.Name, port, true, runsToCompletion, context);
    }
}
