namespace Router.AppHost.Embedded;

/// <summary>The built application: starts its resources in the order of their waits and stops them in the reverse order.</summary>
public sealed class DistributedApplication : IAsyncDisposable
{
    private readonly Orchestrator _orchestrator;

    internal DistributedApplication(DistributedApplicationBuilder builder)
    {
        Model = builder;
        _orchestrator = new Orchestrator(builder);
        ResourceCommands = new ResourceCommandService(_orchestrator);
    }

    public ResourceNotificationService ResourceNotifications => _orchestrator.Notifications;

    public ResourceCommandService ResourceCommands { get; }

    internal DistributedApplicationBuilder Model { get; }

    internal Orchestrator Orchestrator => _orchestrator;

    public static IDistributedApplicationBuilder CreateBuilder(string[] args) => new DistributedApplicationBuilder(args);

    /// <summary>Returns once the resources are starting; wait for their health with <see cref="ResourceNotifications"/>.</summary>
    public Task StartAsync(CancellationToken cancellationToken = default) => _orchestrator.StartAsync(cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken = default) => _orchestrator.StopAsync().WaitAsync(cancellationToken);

    public void Run() => RunAsync().GetAwaiter().GetResult();

    /// <summary>Runs until Ctrl+C, SIGTERM or a failure to start, which it explains and turns into exit code 1.</summary>
    public async Task RunAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            if (OperatingSystem.IsWindows()) throw new DistributedApplicationException(Messages.Windows);
            if (Model.ExecutionContext.IsPublishMode) throw new DistributedApplicationException(Messages.Publishing);

            using var stop = new StopSignals(cancellationToken);
            var running = await _orchestrator.StartAsync(stop.Token);
            await Task.WhenAny(running, stop.Requested);
            if (running.IsFaulted) await running;
        }
        catch (Exception e) when (e is DistributedApplicationException or OperationCanceledException)
        {
            if (e is DistributedApplicationException)
            {
                await Console.Error.WriteLineAsync(Environment.NewLine + e.Message);
                Environment.ExitCode = 1;
            }
        }
        finally
        {
            await _orchestrator.StopAsync();
        }
    }

    public async ValueTask DisposeAsync() => await _orchestrator.StopAsync();
}
