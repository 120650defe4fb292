using Router.Tests.EndToEnd;

namespace Router.Tests.Fleet;

/// <summary>The stack with two API replicas and two workers that look at keys every few seconds.</summary>
public sealed class Fleet : Stack
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly List<IResourceBuilder<ProjectResource>> _services = [];
    private readonly string _masterKeys = Path.Combine(Path.GetTempPath(), $"router-master-keys-{Guid.NewGuid():N}");

    /// <summary>A client for each replica of the API, past the balancer.</summary>
    public IReadOnlyList<HttpClient> Replicas => field ??=
        [.. ((string[])["api-1", "api-2"]).Select(replica => new HttpClient(new ReplicaHandler(Running, replica)) { BaseAddress = new Uri("http://" + replica) })];

    protected override IEnumerable<string> Arguments => ["--Router:Replicas=2", "--Router:Workers=2"];

    /// <summary>Replaces the file that every API and worker reads its master keys from, newest first.</summary>
    public void WriteMasterKeys(params ReadOnlySpan<string> keys)
    {
        // Moved into place: a reader sees the old file or the new one.
        File.WriteAllLines(_masterKeys + ".new", keys.ToArray());
        File.Move(_masterKeys + ".new", _masterKeys, overwrite: true);
    }

    private void SetEnvironment(string name, string value)
    {
        foreach (IResourceBuilder<ProjectResource> service in _services)
        {
            service.WithEnvironment(name, value);
        }
    }

    protected override void Configure(IDistributedApplicationTestingBuilder builder)
    {
        // As a process that serves chats inline hands it down: migrations connect synchronously, and may not wait for the thread they are on.
        builder.CreateResourceBuilder((ProjectResource)builder.Resources.Single(resource => resource.Name == "migrations")).WithEnvironment("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1");
        _services.AddRange(builder.Resources.OfType<ProjectResource>().Where(project => project.Name is "api" or "worker").Select(builder.CreateResourceBuilder));
        WriteMasterKeys(MasterKey);
        SetEnvironment("Router__MasterKeys__0", "");
        SetEnvironment("Router__MasterKeysFile", _masterKeys);
        SetEnvironment("Router__MasterKeysFileInterval", "00:00:00.200");
        SetEnvironment("Router__Revalidation__Interval", Interval.ToString());
        SetEnvironment("Router__Revalidation__PollInterval", "00:00:00.250");
        SetEnvironment("Router__Revalidation__CheckTimeout", "00:00:02");
        SetEnvironment("Router__Revalidation__Lease", "00:00:03");
        SetEnvironment("Router__Rewrap__Interval", "00:00:00.500");
        // What is counted over both replicas must not depend on how loaded the machine is: a cache that is gone fails at once all the same.
        SetEnvironment("Router__Limits__RedisWait", "00:00:05");
    }

    public override async ValueTask DisposeAsync()
    {
        foreach (HttpClient replica in Failure is null ? Replicas : [])
        {
            replica.Dispose();
        }

        await base.DisposeAsync();
        File.Delete(_masterKeys);
    }
}

/// <summary>Sends to one replica, wherever it is by now.</summary>
file sealed class ReplicaHandler(RunningApp running, string replica) : DelegatingHandler(new SocketsHttpHandler { UseProxy = false })
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.RequestUri = new Uri(await running.AddressAsync(replica), request.RequestUri!.PathAndQuery);
        return await base.SendAsync(request, cancellationToken);
    }
}

/// <summary>By itself: two cores do not carry two whole systems and the tests beside them, and some of this is about how long things take.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class FleetCollection : ICollectionFixture<Fleet>
{
    public const string Name = "fleet";
}
