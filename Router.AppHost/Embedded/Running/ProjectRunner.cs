using System.Diagnostics;

namespace Router.AppHost.Embedded;

/// <summary>One process of a project: started, watched on health, started again with back-off when it dies.</summary>
internal sealed class ProjectRunner(ProjectResource project, string name, int? port, bool ownsPublicPort, bool runsToCompletion, RunContext context, Action? changed = null) : IRunnable
{
    private const int StartAttempts = 3;

    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(3);

    private CancellationTokenSource _stopping = new();
    private SupervisedProcess? _process;
    private Task _loop = Task.CompletedTask;

    public string Name => name;

    public IResource Resource => project;

    /// <summary>This process's own address; with replicas not the public one.</summary>
    public Uri? Address => port is null ? null : new($"http://{(ownsPublicPort ? "localhost" : "127.0.0.1")}:{port}");

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (!_loop.IsCompleted) return;
        _stopping = new();
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _loop = SuperviseSafelyAsync(started, _stopping.Token);
        await started.Task.WaitAsync(cancellationToken);
    }

    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await _loop;
    }

    public void Signal(string signal) => _process?.Signal(signal);

    /// <summary>What can't be started at all (not built, say) is an answer, not a crash of the runner.</summary>
    private async Task SuperviseSafelyAsync(TaskCompletionSource started, CancellationToken stopping)
    {
        try
        {
            await SuperviseAsync(started, stopping);
        }
        catch (Exception e) when (!stopping.IsCancellationRequested)
        {
            Publish(new(KnownResourceStates.FailedToStart, Error: e.Message));
            started.TrySetException(e);
        }
        catch (OperationCanceledException)
        {
            started.TrySetCanceled(stopping);
        }
    }

    private async Task SuperviseAsync(TaskCompletionSource started, CancellationToken stopping)
    {
        for (var failures = 0; !stopping.IsCancellationRequested;)
        {
            var clock = Stopwatch.StartNew();
            var (code, error) = await RunOnceAsync(started, stopping);
            if (stopping.IsCancellationRequested) break;

            if (runsToCompletion && code == 0)
            {
                Publish(new(KnownResourceStates.Finished, ExitCode: 0));
                started.TrySetResult();
                return;
            }

            failures = clock.Elapsed > TimeSpan.FromSeconds(30) ? 1 : failures + 1;
            if (!started.Task.IsCompleted && (error is not null || runsToCompletion || failures >= StartAttempts))
            {
                var message = Explain(error ?? $"exited with code {code}");
                Publish(new(KnownResourceStates.FailedToStart, ExitCode: code, Error: message));
                started.TrySetException(new DistributedApplicationException(message));
                return;
            }

            var pause = TimeSpan.FromSeconds(Math.Min(10, 0.2 * Math.Pow(2, failures - 1)));
            context.Logs.Write(Name, $"exited with code {code}; starting again in {pause.TotalSeconds:0.#} s");
            await Task.Delay(pause, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        started.TrySetCanceled(stopping);
    }

    /// <summary>From start to exit. An error means that it ran but did not become healthy in time.</summary>
    private async Task<(int? Code, string? Error)> RunOnceAsync(TaskCompletionSource started, CancellationToken stopping)
    {
        using var process = await LaunchAsync(stopping);
        _process = process;
        await using var stop = stopping.Register(() => _ = process.StopAsync());
        Publish(new(KnownResourceStates.Running));

        var health = project.Annotations.OfType<HttpHealthCheckAnnotation>().FirstOrDefault();
        using var exited = new CancellationTokenSource();
        var watch = runsToCompletion
            ? Task.CompletedTask
            : new HealthWatch(Address, health).RunAsync(
                healthy =>
                {
                    Publish(new(KnownResourceStates.Running, healthy));
                    if (healthy) started.TrySetResult();
                },
                exited.Token);

        string? error = null;
        using var startup = CancellationTokenSource.CreateLinkedTokenSource(exited.Token);
        var late = Task.Delay(context.Settings.StartTimeout, startup.Token);
        if (await Task.WhenAny(process.Completion, started.Task, late) == late)
        {
            error = $"did not become healthy within {context.Settings.StartTimeout.TotalSeconds:0} s";
            await process.StopAsync();
        }

        await startup.CancelAsync();
        var code = await process.Completion;
        await exited.CancelAsync();
        await watch;
        _process = null;
        Publish(new(KnownResourceStates.Exited, ExitCode: code));
        return (code, error);
    }

    private async Task<SupervisedProcess> LaunchAsync(CancellationToken cancellationToken)
    {
        var published = context.Settings.Programs.GetValueOrDefault(project.Name);
        var program = published ?? Repository.Program(project.Metadata.ProjectPath);
        if (!File.Exists(program))
            throw new DistributedApplicationException($"{Name}: {program} is missing. " + (published is null ? "Build the AppHost, which builds its services." : "Router:Programs names it."));
        // A native program is its own executable.
        string[] start = program.EndsWith(".dll", StringComparison.OrdinalIgnoreCase) ? [Executables.Dotnet(), program] : [program];
        var urls = Address?.ToString().TrimEnd('/');
        var environment = await ProjectEnvironment.ForAsync(project, Name, urls, context.Settings, cancellationToken);
        var args = project.Annotations.OfType<CommandLineArgsAnnotation>().SelectMany(a => a.Args);
        var command = new SupervisedCommand(
            [.. start, .. args], environment, Path.GetDirectoryName(project.Metadata.ProjectPath)!, "TERM", s_grace);
        return SupervisedProcess.Start(command, line => context.Logs.Write(Name, line));
    }

    private void Publish(ResourceSnapshot state)
    {
        context.Notifications.Publish(Name, state);
        changed?.Invoke();
    }

    private string Explain(string what) =>
        string.Join(Environment.NewLine, [$"{Name} {what}. Its last lines:", .. context.Logs.Tail(Name, 20).Select(l => "  " + l)]);
}
