using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Router.Api.Dialects;
using Router.Api.Endpoints;
using Router.Api.OpenApi;
using Router.Core.Keys;
using Router.Core.Limits;
using Router.Core.Providers;
using Router.Worker.Migrations;

namespace Router.Tests.Support;

/// <summary>The control plane on a real Kestrel over a real Postgres, with a key checker that answers as told.</summary>
internal sealed class ControlPlaneHost : IAsyncDisposable
{
    public const string AdminKey = "admin-key-of-the-tests";

    private readonly WebApplication _app;

    private ControlPlaneHost(WebApplication app) => _app = app;

    /// <summary>What the next checks find.</summary>
    public KeyCheckResult Answer { get; set; } = new(KeyCheckOutcome.Valid, "Fine.");

    /// <summary>What the check of a key waits for before it answers: a provider may be slow.</summary>
    public Func<Secret, Task> Provider { get; set; } = _ => Task.CompletedTask;

    /// <summary>The keys that were sent to a provider, in order.</summary>
    public ConcurrentQueue<string> Checked { get; } = [];

    public IReadOnlyList<RouteEndpoint> Routes => [.. _app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()];

    public RecordingLogs Logs { get; } = new();

    public Snapshot Snapshot => _app.Services.GetRequiredService<ISnapshotSource>().Current;

    public static async Task<ControlPlaneHost> StartAsync(NpgsqlDataSource database, CancellationToken cancellationToken, bool seed = true, params string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection(
        [
            new("Router:AdminKey", AdminKey),
            new("Router:MasterKeys:0", $"k1:{Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))}"),
        ]);
        ControlPlaneHost? host = null;
        builder.Services.AddSingleton(database);
        builder.Services.AddRouterKeys(builder.Configuration, KeyHosting.Snapshot);
        builder.Services.AddRouterLimits(builder.Configuration);
        builder.Services.AddControlPlane();
        builder.Services.AddApiDescription();
        builder.Services.AddSingleton<ProviderRegistry>();
        builder.Services.AddSingleton<IKeyChecker>(new SlowKeyChecker(() => host!));
        var app = builder.Build();
        host = new(app);
        app.Services.GetRequiredService<ILoggerFactory>().AddProvider(host.Logs);
        app.UseRouterHeaders();
        app.UseRouterErrors();
        app.MapControlPlane();
        app.MapApiDescription();
        app.Map("/untyped/{id:int}", context => context.Response.WriteAsync("Hello", context.RequestAborted));
        if (seed)
            await new WorkspaceStore(database).CreateAsync(Seed.Workspace, "Default", cancellationToken);
        await app.StartAsync(cancellationToken);
        return host;
    }

    public HttpClient Client(string? key = AdminKey)
    {
        var address = _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        var client = new HttpClient { BaseAddress = new(address) };
        if (key is not null)
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return client;
    }

    /// <summary>A client with a new key that manages the workspace and nothing else.</summary>
    public async Task<HttpClient> ManagerAsync(string workspace, CancellationToken cancellationToken)
    {
        var token = RouterKeyToken.Generate();
        await _app.Services.GetRequiredService<RouterKeyStore>().CreateAsync(workspace, "manager", RouterKeyPermissions.Manage, token, cancellationToken);
        await _app.Services.GetRequiredService<SnapshotRefresher>().RefreshAsync(cancellationToken);
        return Client(token.Reveal());
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private sealed class SlowKeyChecker(Func<ControlPlaneHost> host) : IKeyChecker
    {
        public async Task<KeyCheckResult> CheckAsync(ProviderDefinition provider, Secret key, CancellationToken cancellationToken)
        {
            host().Checked.Enqueue(key.Reveal());
            await host().Provider(key).WaitAsync(cancellationToken);
            return host().Answer;
        }
    }
}
