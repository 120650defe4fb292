namespace Router.AppHost.Embedded;

public static class KnownResourceStates
{
    public const string Waiting = "Waiting";
    public const string Running = "Running";
    public const string Finished = "Finished";
    public const string Exited = "Exited";
    public const string FailedToStart = "FailedToStart";
}

public sealed record ResourceSnapshot(string State, bool IsHealthy = false, int? ExitCode = null, string? Error = null);

/// <summary>The state of every resource, and waits on it.</summary>
public sealed class ResourceNotificationService
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, ResourceSnapshot> _states = new(StringComparer.OrdinalIgnoreCase);
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task WaitForResourceHealthyAsync(string resourceName, CancellationToken cancellationToken = default) =>
        WaitForResourceAsync(resourceName, s => s.IsHealthy, cancellationToken);

    public Task WaitForResourceAsync(string resourceName, string? targetState = null, CancellationToken cancellationToken = default) =>
        WaitForResourceAsync(resourceName, s => s.State == (targetState ?? KnownResourceStates.Running), cancellationToken);

    /// <summary>Ends with the first state that satisfies the condition; throws when the resource failed to start instead.</summary>
    public async Task<ResourceSnapshot> WaitForResourceAsync(string resourceName, Func<ResourceSnapshot, bool> predicate, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                if (_states.TryGetValue(resourceName, out var state))
                {
                    if (predicate(state)) return state;
                    if (state.State == KnownResourceStates.FailedToStart)
                        throw new DistributedApplicationException(state.Error ?? $"{resourceName} failed to start.");
                }

                changed = _changed.Task;
            }

            await changed.WaitAsync(cancellationToken);
        }
    }

    public ResourceSnapshot? Current(string resourceName)
    {
        lock (_lock) return _states.GetValueOrDefault(resourceName);
    }

    internal void Publish(string resourceName, ResourceSnapshot state)
    {
        TaskCompletionSource changed;
        lock (_lock)
        {
            if (_states.GetValueOrDefault(resourceName) == state) return;
            _states[resourceName] = state;
            changed = _changed;
            _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.TrySetResult();
    }
}
