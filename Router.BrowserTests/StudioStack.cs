using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Npgsql;

namespace Router.BrowserTests;

/// <summary>The whole system from the AppHost's model, and one browser for all tests; each test has a context and workspace of its own.</summary>
public sealed class StudioStack : IAsyncLifetime
{
    private IDistributedApplicationTestingBuilder? _builder;
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public HttpClient Api { get; private set; } = null!;

    public HttpClient Simulator { get; private set; } = null!;

    /// <summary>How the stored state is reached.</summary>
    public string Database { get; private set; } = "";

    /// <summary>Where the Studio is told that traces are to be seen.</summary>
    public const string Traces = "http://traces.invalid/trace/{traceId}";

    /// <summary>In milliseconds. A machine of two cores has the other tests to run too.</summary>
    private const float Patience = 20_000;

    public string AdminKey { get; } = "admin_" + RandomNumberGenerator.GetHexString(40);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        if (!Browser.IsPresent)
            return;
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        _builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.Router_AppHost>(
            [
                $"--Parameters:router-key=rk_BrowserTests_{RandomNumberGenerator.GetHexString(40)}",
                $"--Parameters:admin-key={AdminKey}",
                $"--Router:Studio:TraceUrl={Traces}",
                // An identity provider nobody is: what the Studio says of that is part of it.
                "--Router:OpenIdConnect:Authority=http://127.0.0.1:9",
                "--Router:OpenIdConnect:ClientId=studio",
                "--Router:OpenIdConnect:AdminValue=admins",
                "--Router:OpenIdConnect:RequireHttpsMetadata=false",
                $"--Parameters:master-key=test:{Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))}",
            ],
            patience.Token);
        var app = await _builder.BuildAsync(patience.Token);
        await app.StartAsync(patience.Token);
        await app.ResourceNotifications.WaitForResourceHealthyAsync("api", patience.Token);
        Api = app.CreateHttpClient("api", "http");
        Simulator = app.CreateHttpClient("simulator", "http");
        Database = await app.GetConnectionStringAsync("routerdb", patience.Token) ?? throw new InvalidOperationException("There is no database.");
        _playwright = await Playwright.CreateAsync();
        Assertions.SetDefaultExpectTimeout(Patience);
        _browser = await Browser.LaunchAsync(_playwright);
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
        Api?.Dispose();
        Simulator?.Dispose();
        if (_builder is not null)
            await _builder.DisposeAsync();
    }

    /// <summary>A workspace of the test's own, with a router key that may manage it.</summary>
    public async Task<(string Id, string RouterKey)> NewWorkspaceAsync()
    {
        var id = "w" + RandomNumberGenerator.GetHexString(10, lowercase: true);
        await AdminAsync(HttpMethod.Post, "/api/workspaces", new JsonObject { ["id"] = id, ["display_name"] = $"Workspace {id}" });
        var key = await AdminAsync(HttpMethod.Post, $"/api/workspaces/{id}/api-keys", new JsonObject { ["name"] = "test", ["permissions"] = new JsonArray("inference", "manage") });
        return (id, key["api_key"]!.GetValue<string>());
    }

    public async Task<JsonNode> AdminAsync(HttpMethod method, string path, JsonNode? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", AdminKey);
        using var response = await Api.SendAsync(request, Cancel);
        var text = await response.Content.ReadAsStringAsync(Cancel);
        Assert.True(response.IsSuccessStatusCode, $"{method} {path}: {(int)response.StatusCode} {text}");
        return text.Length == 0 ? new JsonObject() : JsonNode.Parse(text)!;
    }

    /// <summary>Takes the database away from every process for as long as it is not disposed of.</summary>
    public async Task<IAsyncDisposable> KillDatabaseAsync()
    {
        var dead = new DeadDatabase(Database);
        await dead.KillAsync();
        return dead;
    }

    /// <summary>A fresh browser profile, signed in with the key, on the workspace's page.</summary>
    public async Task<StudioVisit> VisitAsync(string key, string page, BrowserNewContextOptions? options = null)
    {
        var visit = await OpenAsync(options);
        await visit.Page.GotoAsync(page);
        await visit.Page.FillAsync("#key", key);
        await visit.Page.ClickAsync("main button[type=submit]");
        // Not WaitForURLAsync: it then waits for a load event that may have come before it began to.
        await Assertions.Expect(visit.Page).ToHaveURLAsync(new Uri(Api.BaseAddress!, page).ToString());
        await visit.Page.Locator(".studio h1").WaitForAsync();
        return visit;
    }

    public async Task<StudioVisit> OpenAsync(BrowserNewContextOptions? options = null)
    {
        Assert.SkipUnless(Browser.IsPresent, Browser.Missing);
        var context = await _browser!.NewContextAsync(new(options ?? new()) { BaseURL = Api.BaseAddress!.ToString(), Permissions = ["clipboard-read", "clipboard-write"] });
        context.SetDefaultTimeout(Patience);
        return new StudioVisit(context, await context.NewPageAsync());
    }
}

internal sealed class DeadDatabase(string address) : IAsyncDisposable
{
    private readonly string _name = new NpgsqlConnectionStringBuilder(address).Database!;
    private readonly NpgsqlDataSource _server = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(address) { Database = "postgres", Pooling = false });

    public async Task KillAsync()
    {
        await RunAsync($"ALTER DATABASE {_name} ALLOW_CONNECTIONS false");
        await RunAsync($"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{_name}'");
    }

    public async ValueTask DisposeAsync()
    {
        await RunAsync($"ALTER DATABASE {_name} ALLOW_CONNECTIONS true");
        await _server.DisposeAsync();
    }

    private async Task RunAsync(string sql)
    {
        await using var command = _server.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}

[CollectionDefinition(Name)]
public sealed class StudioCollection : ICollectionFixture<StudioStack>
{
    public const string Name = "studio";
}
