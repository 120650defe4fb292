using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Router.AppHost.Embedded;

/// <summary>Stops, starts, kills and signals single resources, for tests of what the others do then.</summary>
/// <remarks>A name is a resource's, or a replica's: <c>api-1</c>. A killed service is started again by the runner; a stopped one is not.</remarks>
public sealed class ResourceCommandService
{
    private readonly Orchestrator _orchestrator;

    internal ResourceCommandService(Orchestrator orchestrator) => _orchestrator = orchestrator;

    public Task StopResourceAsync(string name) => Find(name).StopAsync();

    /// <summary>Returns when it is healthy again.</summary>
    public Task StartResourceAsync(string name, CancellationToken cancellationToken = default) => Find(name).StartAsync(cancellationToken);

    /// <summary>kill -9. Returns when its death has been noticed, so that a wait for health waits for the next life.</summary>
    public async Task KillResourceAsync(string name, CancellationToken cancellationToken = default)
    {
        Find(name).Signal("KILL");
        await _orchestrator.Notifications.WaitForResourceAsync(name, s => !s.IsHealthy, cancellationToken);
    }

    /// <summary>A signal by short name: TERM, KILL, STOP, CONT, HUP.</summary>
    public void SignalResource(string name, string signal) => Find(name).Signal(signal);

    /// <summary>Runs a command of the model by its name, as a click in a dashboard would.</summary>
    public Task<ExecuteCommandResult> ExecuteCommandAsync(string resourceName, string commandName, CancellationToken cancellationToken = default)
    {
        var command = Find(resourceName).Resource.Annotations.OfType<ResourceCommandAnnotation>().FirstOrDefault(c => c.Name == commandName)
            ?? throw new ArgumentException($"The resource '{resourceName}' has no command '{commandName}'.", nameof(commandName));
        return command.ExecuteCommand(new()
        {
            Services = new ServiceCollection().BuildServiceProvider(),
            ResourceName = resourceName,
            CancellationToken = cancellationToken,
            Logger = NullLogger.Instance,
        });
    }

    private IRunnable Find(string name) =>
        _orchestrator.Runnables.Concat(_orchestrator.Runnables.OfType<ReplicaSet>().SelectMany(s => s.Replicas))
            .FirstOrDefault(r => string.Equals(r.Name, name, StringComparison.OrdinalIgnoreCase))
        ?? throw new ArgumentException($"There is no running resource '{name}'.", nameof(name));
}
