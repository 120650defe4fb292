namespace Router.AppHost.Embedded;

/// <summary>Several processes of one project behind one port.</summary>
internal sealed class ReplicaSet : IRunnable
{
    private readonly ProjectResource _project;
    private readonly RunContext _context;
    private readonly Forwarder _forwarder;
    private bool _started;

    public ReplicaSet(ProjectResource project, int publicPort, int replicas, RunContext context)
    {
        (_project, _context) = (project, context);
        Replicas = [.. Enumerable.Range(1, replicas).Select(n => new ProjectRunner(project, $"{project.Name}-{n}", Ports.Free(), false, false, context, Changed))];
        _forwarder = new Forwarder(publicPort, [.. Replicas.Select(r => r.Address!)]);
    }

    public IReadOnlyList<ProjectRunner> Replicas { get; }

    public string Name => _project.Name;

    public IResource Resource => _project;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _forwarder.Start();
        await Task.WhenAll(Replicas.Select(r => r.StartAsync(cancellationToken)));
        _started = true;
        Changed();
    }

    public async Task StopAsync()
    {
        _forwarder.Stop();
        await Task.WhenAll(Replicas.Select(r => r.StopAsync()));
    }

    public void Signal(string name)
    {
        foreach (var replica in Replicas)
            replica.Signal(name);
    }

    /// <summary>The set is healthy while every replica is.</summary>
    private void Changed()
    {
        if (!_started) return;
        var healthy = Replicas.All(r => _context.Notifications.Current(r.Name) is { IsHealthy: true });
        _context.Notifications.Publish(Name, new(KnownResourceStates.Running, healthy));
    }
}
