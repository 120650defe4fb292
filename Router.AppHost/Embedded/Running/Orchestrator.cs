namespace Router.AppHost.Embedded;

/// <summary>Runs a model once.</summary>
internal sealed class Orchestrator(DistributedApplicationBuilder model)
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _lock = new();
    private RunSettings? _settings;
    private StateLock? _state;
    private Task? _stopped;

    public ResourceNotificationService Notifications { get; } = new();

    public LogHub Logs { get; private set; } = new(false, 0);

    public IReadOnlyList<IRunnable> Runnables { get; private set; } = [];

    /// <summary>Allocates, then starts every resource; the inner task ends when all are ready and fails with the first that is not.</summary>
    public async Task<Task> StartAsync(CancellationToken cancellationToken)
    {
        _settings = RunSettings.Read(model.Configuration);
        Logs = new LogHub(!_settings.RandomizePorts, model.Resources.Where(r => r is not ParameterResource).Max(r => r.Name.Length));
        _state = StateLock.Take(_settings.StateDirectory);
        var context = new RunContext(_settings, Logs, Notifications);
        Allocation.Allocate(model, context);
        var api = model.Resources.SelectMany(r => r.Annotations.OfType<EndpointAnnotation>()).FirstOrDefault(e => e.IsExternal);
        _state.Announce(api is null ? null : $"http://localhost:{api.AllocatedPort}");
        Runnables = [.. model.Resources.Select(r => RunnableFactory.Create(r, model, context)).OfType<IRunnable>()];

        cancellationToken.ThrowIfCancellationRequested();
        cancellationToken.Register(_stopping.Cancel);
        return Task.CompletedTask.ContinueWith(_ => RunAllAsync(), TaskScheduler.Default).Unwrap();
    }

    public Task StopAsync()
    {
        lock (_lock) return _stopped ??= StopOnceAsync();
    }

    private async Task RunAllAsync()
    {
        var tasks = Runnables.Select(RunAsync).ToList();
        while (tasks.Count > 0)
        {
            var done = await Task.WhenAny(tasks);
            await done;
            tasks.Remove(done);
        }

        await Task.Delay(Timeout.Infinite, _stopping.Token);
    }

    private async Task RunAsync(IRunnable runnable)
    {
        Notifications.Publish(runnable.Name, new(KnownResourceStates.Waiting));
        try
        {
            foreach (var wait in runnable.Resource.Annotations.OfType<WaitAnnotation>())
            {
                await Notifications.WaitForResourceAsync(
                    wait.Resource.Name,
                    s => wait.WaitType == WaitType.WaitUntilHealthy ? s.IsHealthy : s.State == KnownResourceStates.Finished && s.ExitCode == wait.ExitCode,
                    _stopping.Token);
            }

            await runnable.StartAsync(_stopping.Token);
        }
        catch (DistributedApplicationException e)
        {
            // Named by the resource that failed first; those that wait for it pass it on.
            Notifications.Publish(runnable.Name, new(KnownResourceStates.FailedToStart, Error: e.Message));
            throw;
        }

        foreach (var ready in runnable.Resource.Annotations.OfType<ReadyAnnotation>())
            await ready.Callback(_stopping.Token);
    }

    /// <summary>What nothing else needs stops first, together; then what it needed, and so on to the database.</summary>
    private async Task StopOnceAsync()
    {
        await _stopping.CancelAsync();
        foreach (var group in StopOrder.Groups(Runnables))
            await Task.WhenAll(group.Select(r => r.StopAsync()));

        _state?.Dispose();
        if (_settings is { IsTemporary: true } settings && Directory.Exists(settings.StateDirectory))
            Directory.Delete(settings.StateDirectory, recursive: true);
    }
}
