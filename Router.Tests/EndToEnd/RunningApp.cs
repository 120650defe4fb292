using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Router.Tests.EndToEnd;

/// <summary>
/// What a test does to the processes of a started application. A name is a resource's, or with a number one of its replicas: <c>api-1</c>.
/// </summary>
public sealed class RunningApp(DistributedApplication app)
{
    private readonly Dictionary<string, int> _killed = [];
    private readonly ConcurrentDictionary<string, Uri> _addresses = new();
    private readonly ConcurrentDictionary<string, IReadOnlyList<string>> _replicas = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Where the process itself answers, past the orchestrator's proxy. A process that starts again may have another address.</summary>
    public async Task<Uri> AddressAsync(string name)
    {
        ResourceEvent state = await StateAsync(name);
        // While it starts it has none; then the former one says who does not answer.
        return state.Snapshot.EnvironmentVariables.SingleOrDefault(variable => variable.Name == "ASPNETCORE_URLS")?.Value is { } urls
            ? _addresses[name] = new Uri(urls.Split(';')[0])
            : _addresses[name];
    }

    public async Task StopAsync(string name)
    {
        ResourceEvent state = await StateAsync(name);
        await CommandAsync(state.ResourceId, KnownResourceCommands.StopCommand);
        await app.ResourceNotifications.WaitForResourceAsync(
            state.Resource.Name, e => e.ResourceId == state.ResourceId && e.Snapshot.State?.Text is not ("Running" or "Stopping"), Cancel);
    }

    /// <summary>Returns when it is healthy.</summary>
    public async Task StartAsync(string name)
    {
        ResourceEvent state = await StateAsync(name);
        _killed[state.ResourceId] = Pid(state);
        await CommandAsync(state.ResourceId, KnownResourceCommands.StartCommand);
        await UntilHealthyAsync(name);
    }

    /// <summary>kill -9. Returns when its death has been noticed; it is started again by itself.</summary>
    public async Task KillAsync(string name)
    {
        ResourceEvent state = await StateAsync(name);
        int pid = Pid(state);
        _killed[state.ResourceId] = pid;
        using Process process = Process.GetProcessById(Server(pid));
        process.Kill();
        await app.ResourceNotifications.WaitForResourceAsync(
            state.Resource.Name, e => e.ResourceId == state.ResourceId && (e.Snapshot.State?.Text != "Running" || Pid(e) != pid), Cancel);
    }

    /// <summary>Waits for the process that follows the one that was killed or stopped.</summary>
    public async Task UntilHealthyAsync(string name)
    {
        ResourceEvent state = await StateAsync(name);
        int former = _killed.GetValueOrDefault(state.ResourceId);
        await app.ResourceNotifications.WaitForResourceAsync(
            state.Resource.Name,
            e => e.ResourceId == state.ResourceId && e.Snapshot.State?.Text == "Running" && e.Snapshot.HealthStatus == HealthStatus.Healthy && Pid(e) != former,
            Cancel).WaitAsync(TimeSpan.FromMinutes(1), Cancel);
        if (state.Resource is ProjectResource)
        {
            await AnswersAsync(name);
        }
    }

    /// <summary>The orchestrator asks for the health of all replicas through their proxy, where another one may answer.</summary>
    private async Task AnswersAsync(string name)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        for (var waited = Stopwatch.StartNew(); ;)
        {
            try
            {
                using HttpResponseMessage response = await client.GetAsync(new Uri(await AddressAsync(name), "/health"), Cancel);
                if (response.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (HttpRequestException) when (waited.Elapsed < TimeSpan.FromMinutes(1))
            {
                // It is not listening yet.
            }

            Assert.True(waited.Elapsed < TimeSpan.FromMinutes(1), $"{name} is not healthy.");
            await Task.Delay(50, Cancel);
        }
    }

    /// <summary>What it has written until now.</summary>
    public async Task<IReadOnlyList<string>> LogAsync(string name)
    {
        ResourceEvent state = await StateAsync(name);
        List<string> lines = [];
        await foreach (IReadOnlyList<LogLine> batch in app.Services.GetRequiredService<ResourceLoggerService>().GetAllAsync(state.ResourceId).WithCancellation(Cancel))
        {
            lines.AddRange(batch.Select(line => line.Content));
        }

        return lines;
    }

    private async Task CommandAsync(string id, string command)
    {
        ExecuteCommandResult result = await app.ResourceCommands.ExecuteCommandAsync(id, command, Cancel);
        Assert.True(result.Success, $"{command} of {id}: {result.Message}");
    }

    private async Task<ResourceEvent> StateAsync(string name)
    {
        int dash = name.LastIndexOf('-');
        (string resource, int number) = dash > 0 && int.TryParse(name.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int n) ? (name[..dash], n) : (name, 1);
        IReadOnlyList<string> ids = await ReplicasAsync(resource);
        Assert.True(app.ResourceNotifications.TryGetCurrentState(ids[number - 1], out ResourceEvent? state), $"{name} has no state.");
        return state;
    }

    /// <summary>The ids of a resource's processes.</summary>
    private async Task<IReadOnlyList<string>> ReplicasAsync(string name)
    {
        if (_replicas.TryGetValue(name, out IReadOnlyList<string>? known))
        {
            return known;
        }

        IResource resource = app.Services.GetRequiredService<DistributedApplicationModel>().Resources.Single(r => r.Name == name);
        int count = resource.Annotations.OfType<ReplicaAnnotation>().LastOrDefault()?.Replicas ?? 1;
        SortedSet<string> ids = [];
        await foreach (ResourceEvent e in app.ResourceNotifications.WatchAsync(Cancel))
        {
            // A resource of several processes has a state of its own too, without a process.
            if (e.Resource == resource && e.Snapshot.Properties.Any(property => property.Name == "executable.pid"))
            {
                ids.Add(e.ResourceId);
            }

            if (ids.Count == count)
            {
                break;
            }
        }

        return _replicas[name] = [.. ids];
    }

    private static int Pid(ResourceEvent state) =>
        Convert.ToInt32(state.Snapshot.Properties.FirstOrDefault(property => property.Name == "executable.pid")?.Value ?? 0, CultureInfo.InvariantCulture);

    /// <summary>PostgreSQL's server is the child of the shell that passes signals on to it.</summary>
    private static int Server(int pid)
    {
        string children = $"/proc/{pid}/task/{pid}/children";
        return File.Exists(children) && File.ReadAllText($"/proc/{pid}/cmdline").Contains("run-postgres.sh", StringComparison.Ordinal)
            ? int.Parse(File.ReadAllText(children).Split(' ')[0], CultureInfo.InvariantCulture)
            : pid;
    }
}
