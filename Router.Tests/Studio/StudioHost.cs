using System.Net;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Router.Api.Endpoints;
using Router.Api.Studio;
using Router.Core.Chat;
using Router.Core.Keys;
using Router.Core.Limits;

namespace Router.Tests.Studio;

/// <summary>The Studio on a real Kestrel over a real Postgres, with a clock of the test's.</summary>
internal sealed class StudioHost : IAsyncDisposable
{
    public const string AdminKey = "admin-key-of-the-studio-tests";

    private readonly WebApplication _app;

    private StudioHost(WebApplication app, FakeTimeProvider time) => (_app, Time) = (app, time);

    public FakeTimeProvider Time { get; }

    public Uri Address => new(_app.Urls.First());

    public IServiceProvider Services => _app.Services;

    public static Task<StudioHost> StartAsync(NpgsqlDataSource database, CancellationToken cancellationToken, params (string Name, string Value)[] settings) =>
        StartAsync(database, null, cancellationToken, settings);

    public static async Task<StudioHost> StartAsync(
        NpgsqlDataSource database, Action<IServiceCollection>? replace, CancellationToken cancellationToken, params (string Name, string Value)[] settings)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ApplicationName = "Router.Api", EnvironmentName = "Development", ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection(
        [
            new("Router:AdminKey", AdminKey),
            new("Router:MasterKeys:0", $"k1:{Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))}"),
        ]);
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Name, (string?)setting.Value)));
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        builder.Services.AddSingleton<TimeProvider>(time);
        builder.Services.AddSingleton(database);
        builder.Services.AddRouterKeys(builder.Configuration);
        builder.Services.AddRouterLimits(builder.Configuration);
        builder.Services.AddRouterChat(builder.Configuration);
        builder.Services.AddControlPlane();
        builder.Services.AddStudio(builder.Configuration);
        replace?.Invoke(builder.Services);
        var app = builder.Build();
        app.UseForwardedHeaders(new() { ForwardedHeaders = ForwardedHeaders.XForwardedProto });
        app.UseStudio();
        app.MapStudio();
        app.MapControlPlane();
        await app.StartAsync(cancellationToken);
        await app.Services.GetRequiredService<SnapshotRefresher>().RefreshAsync(cancellationToken);
        return new(app, time);
    }

    /// <summary>A browser that runs no scripts and follows no redirects.</summary>
    public StudioBrowser Browser() => new(Address);

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}

/// <summary>Cookies and forms, nothing else.</summary>
internal sealed class StudioBrowser : IDisposable
{
    private readonly HttpClientHandler _handler = new() { AllowAutoRedirect = false, CookieContainer = new CookieContainer() };

    public StudioBrowser(Uri address) => Http = new HttpClient(_handler) { BaseAddress = address };

    public HttpClient Http { get; }

    public CookieContainer Cookies => _handler.CookieContainer;

    public async Task<string> TokenAsync(CancellationToken cancellationToken)
    {
        var page = await Http.GetStringAsync("/studio/sign-in", cancellationToken);
        const string before = "name=\"__RequestVerificationToken\" value=\"";
        var start = page.IndexOf(before, StringComparison.Ordinal) + before.Length;
        return page[start..page.IndexOf('"', start)];
    }

    public async Task<HttpResponseMessage> SignInAsync(string key, CancellationToken cancellationToken, string? token = null, string? back = null) =>
        await Http.PostAsync(
            "/studio/sign-in",
            new FormUrlEncodedContent(
            [
                new("key", key),
                new("__RequestVerificationToken", token ?? await TokenAsync(cancellationToken)),
                .. back is null ? Array.Empty<KeyValuePair<string, string>>() : [new("return", back)],
            ]),
            cancellationToken);

    /// <summary>As the button of every page does it.</summary>
    public async Task<HttpResponseMessage> SignOutAsync(CancellationToken cancellationToken)
    {
        // The page's own token: it is sealed for who is signed in, and the sign-in page has one too.
        return await Http.PostAsync("/studio/sign-out", new FormUrlEncodedContent([new("__RequestVerificationToken", await TokenAsync(cancellationToken))]), cancellationToken);
    }

    public void Dispose()
    {
        Http.Dispose();
        _handler.Dispose();
    }
}
