using System.Collections.Frozen;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Router.Api.Dialects;
using Router.Api.Dialects.OpenAI;
using Router.Api.Endpoints;
using Router.Core.Chat;
using Router.Core.Health;
using Router.Core.Keys;
using Router.Core.Limits;

namespace Router.Tests.Support;

/// <summary>The completions endpoint on a real Kestrel, without database and cache: stored state and health are the test's.</summary>
internal sealed class ApiHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ApiHost(WebApplication app, HttpClient client) => (_app, Client) = (app, client);

    /// <summary>Sends the router key of workspace <c>default</c>.</summary>
    public HttpClient Client { get; }

    /// <summary>As the process's signal does. Requests that run are waited for.</summary>
    public Task StopAsync(CancellationToken patience = default) => _app.StopAsync(patience);

    public IServiceProvider Services => _app.Services;

    public static Task<ApiHost> StartAsync(string simulator, ICredentialHealth? health = null, params (string Key, string Value)[] settings) =>
        StartAsync(simulator, null, health, settings);

    public static Task<ApiHost> StartAsync(string simulator, ILoggerProvider? logs, ICredentialHealth? health = null, params (string Key, string Value)[] settings) =>
        StartAsync(simulator, logs, health, null, null, settings);

    /// <param name="workspace">Whose requests it serves; null: one without keys.</param>
    /// <param name="more">Services that stand in for others; logs of every level are kept.</param>
    public static async Task<ApiHost> StartAsync(string simulator, ILoggerProvider? logs, ICredentialHealth? health, Workspace? workspace, Action<IServiceCollection>? more, params (string Key, string Value)[] settings)
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        if (logs is not null)
        {
            builder.Logging.AddProvider(logs);
        }

        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection(settings.Select(pair => KeyValuePair.Create(pair.Key, (string?)pair.Value)).Concat(
        [
            new("Router:Simulator:BaseUrl", simulator),
            new("Router:Limits:RequestsPerSecond", "0"),
            new("Router:MasterKeys:0", "test:" + Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))),
        ]));
        RouterKeyToken token = RouterKeyToken.Generate();
        builder.Services.AddSingleton<ISnapshotSource>(new Fixed(SnapshotOf(token, workspace ?? Pipeline.Workspace(null))));
        builder.Services.AddSingleton(MasterKeyConfiguration.Load(builder.Configuration));
        builder.Services.AddSingleton<KeyFingerprint>();
        builder.Services.AddSingleton(health ?? new OpenHealth());
        builder.Services.AddSingleton<RedisAccess>();
        builder.Services.AddRouterLimits(builder.Configuration);
        builder.Services.AddRouterChat(builder.Configuration);
        builder.Services.AddChatCompletions();
        if (more is not null)
        {
            builder.Logging.SetMinimumLevel(LogLevel.Trace);
            more(builder.Services);
        }

        WebApplication app = builder.Build();
        app.UseRouterHeaders();
        app.UseChatCompletions();
        app.UseRouterErrors();
        app.UseRouting();
        app.MapHealthChecks("/health");
        app.MapChatCompletions();
        await app.StartAsync();
        var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token.Reveal());
        return new ApiHost(app, client);
    }

    /// <summary>From then on all that is recorded of its requests is recorded.</summary>
    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private static Snapshot SnapshotOf(RouterKeyToken token, Workspace served)
    {
        var hash = new byte[SHA256.HashSizeInBytes];
        token.HashTo(hash);
        return new Snapshot(
            new[] { new RouterKey(token.Id, "default", "test", hash, RouterKeyPermissions.Inference) }.ToFrozenDictionary(key => key.Id),
            new[] { served }.ToFrozenDictionary(workspace => workspace.Id),
            1,
            DateTimeOffset.UnixEpoch);
    }

    private sealed class Fixed(Snapshot snapshot) : ISnapshotSource
    {
        public Snapshot Current => snapshot;
    }
}
