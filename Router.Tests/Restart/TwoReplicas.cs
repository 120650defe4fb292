using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Npgsql;
using Router.Core.Keys;
using Router.Simulator;
using Router.Tests.Attacks;
using Router.Tests.Support;
using Router.Worker.Migrations;

namespace Router.Tests.Restart;

/// <summary>Two APIs as processes over one database, a balancer before them, and simulated providers behind.</summary>
public sealed class TwoReplicas(PostgresFixture postgres) : IAsyncLifetime
{
    /// <summary>A key whose streams last a second.</summary>
    public const string Streams = "sim-good-restart-streams";

    /// <summary>A key whose streams do not end by themselves.</summary>
    public const string Endless = "sim-good-restart-endless";

    private readonly WebApplication _simulator = SimulatorApp.Build(["--urls", "http://127.0.0.1:0"]);
    private readonly FloodingProvider _flood = new();
    private readonly string _spool = Path.Combine(Path.GetTempPath(), $"router-restart-{Guid.NewGuid():N}");

    public NpgsqlDataSource Database { get; private set; } = null!;

    internal IReadOnlyList<ApiProcess> Replicas { get; private set; } = [];

    internal Balancer Balancer { get; private set; } = null!;

    public string AdminKey { get; } = "admin_" + RandomNumberGenerator.GetHexString(40);

    public string RouterKey { get; private set; } = "";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Database = await postgres.CreateDatabaseAsync(Cancel);
        await new WorkspaceStore(Database).CreateAsync(Seed.Workspace, "Default", Cancel);
        RouterKeyToken token = RouterKeyToken.Generate();
        await new RouterKeyStore(Database).CreateAsync(Seed.Workspace, "restart", RouterKeyPermissions.Inference, token, Cancel);
        RouterKey = token.Reveal();
        await _simulator.StartAsync(Cancel);
        await ScriptAsync(Streams, """{"chunks":20,"delayBetweenChunksMs":50}""");
        await ScriptAsync(Endless, """{"chunks":100000,"delayBetweenChunksMs":50}""");
        var environment = new Dictionary<string, string>
        {
            ["ConnectionStrings__routerdb"] = Database.ConnectionString + ";Maximum Pool Size=10",
            // Nothing of this needs a cache, and none is there.
            ["ConnectionStrings__cache"] = "127.0.0.1:1",
            ["Router__MasterKeys__0"] = "k1:" + Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)),
            ["Router__AdminKey"] = AdminKey,
            ["Router__Simulator__BaseUrl"] = _simulator.Urls.First(),
            ["Router__Providers__flood__BaseUrl"] = _flood.BaseUrl,
            ["Router__Providers__flood__ApiKey"] = "sim-good-flood",
            ["Router__Limits__RequestsPerSecond"] = "0",
            ["Router__Usage__SpoolDirectory"] = _spool,
            ["Router__Shutdown__Drain"] = "00:00:01.500",
            ["Router__Shutdown__Timeout"] = "00:00:20",
            // Chats as they are served in production; the test's own process keeps its sockets as they are.
            ["DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS"] = "1",
        };
        Replicas = [new(environment), new(environment)];
        Balancer = new(Replicas[0].Port, Replicas[1].Port);
        foreach (ApiProcess replica in Replicas)
        {
            replica.Start();
        }

        await HealthyAsync();
    }

    internal Task HealthyAsync() => Task.WhenAll(Replicas.Select(replica => HealthyAsync(replica)));

    internal async Task HealthyAsync(ApiProcess replica)
    {
        try
        {
            await Eventually.HoldsAsync(() => Balancer.IsHealthy(replica.Port), TimeSpan.FromSeconds(60), Cancel);
        }
        catch (Xunit.Sdk.XunitException)
        {
            Assert.Fail(replica.Output);
        }
    }

    public HttpRequestMessage Chat(string key, bool stream) => Chat(
        $$$"""{"model":"openai/gpt-4o","stream":{{{(stream ? "true" : "false")}}},"byok_only":true,"provider_credentials":{"openai":{"api_key":"{{{key}}}"}},"messages":[{"role":"user","content":"Hello"}]}""");

    public HttpRequestMessage Chat(string body) => new(HttpMethod.Post, "/v1/chat/completions")
    {
        Headers = { Authorization = new("Bearer", RouterKey) },
        Content = new StringContent(body, Encoding.UTF8, "application/json"),
    };

    public async ValueTask DisposeAsync()
    {
        foreach (ApiProcess replica in Replicas)
        {
            replica.Dispose();
        }

        if (Balancer is not null)
        {
            await Balancer.DisposeAsync();
        }

        await _simulator.DisposeAsync();
        await _flood.DisposeAsync();
        if (Database is not null)
        {
            await Database.DisposeAsync();
        }

        if (Directory.Exists(_spool))
        {
            Directory.Delete(_spool, recursive: true);
        }
    }

    private async Task ScriptAsync(string key, string script)
    {
        using var client = new HttpClient { BaseAddress = new Uri(_simulator.Urls.First()) };
        (await client.PutAsync($"/_simulator/keys/{key}", new StringContent(script, Encoding.UTF8, "application/json"), Cancel)).EnsureSuccessStatusCode();
    }
}

/// <summary>By themselves: what is counted is what a burst of load does to processes that come and go.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class RestartCollection : ICollectionFixture<TwoReplicas>
{
    public const string Name = "restart";
}
