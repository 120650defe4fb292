using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Router.Simulator;

namespace Router.Tests.EndToEnd;

/// <summary>
/// The whole system as its processes: PostgreSQL, cache, migrations, worker, API and simulator, started from the AppHost's
/// own model by Aspire's testing builder.
/// </summary>
public class Stack : IAsyncLifetime
{
    private const string KeyId = "EndToEnd0001";

    private readonly string _secret = RandomNumberGenerator.GetHexString(40);
    private readonly WebApplication _acme = SimulatorApp.Build(["--urls", "http://127.0.0.1:0"]);
    private IDistributedApplicationTestingBuilder? _builder;

    private DistributedApplication? _app;
    private HttpClient? _api;
    private HttpClient? _simulator;

    /// <summary>Why the stack did not start. One test tells it; the others, which need the stack, are skipped.</summary>
    public Exception? Failure { get; private set; }

    public DistributedApplication App => Started(_app);

    /// <summary>The processes of <see cref="App"/>.</summary>
    public RunningApp Running => field ??= new(App);

    public OtlpCollector Otlp { get; private set; } = null!;

    public HttpClient Api => Started(_api);

    public HttpClient Simulator => Started(_simulator);

    /// <summary>A provider that stands in configuration alone, reached as the real ones are.</summary>
    public HttpClient Acme { get; private set; } = null!;

    public string RouterKey => $"rk_{KeyId}_{_secret}";

    public string BasicToken => Convert.ToBase64String(Encoding.UTF8.GetBytes($"{KeyId}:{_secret}"));

    public string AdminKey { get; } = "admin_" + RandomNumberGenerator.GetHexString(40);

    public string MasterKey { get; } = "test:" + Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    /// <summary>A published API (a native one, say) to be tested in place of the built one.</summary>
    private static readonly string? s_api = Environment.GetEnvironmentVariable("ROUTER_TEST_API");

    /// <summary>A native API has none.</summary>
    public static bool HasStudio => s_api is null || s_api.EndsWith(".dll", StringComparison.OrdinalIgnoreCase);

    /// <summary>What a larger stack is started with beside the rest.</summary>
    protected virtual IEnumerable<string> Arguments => [];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>What a larger stack changes in the model.</summary>
    protected virtual void Configure(IDistributedApplicationTestingBuilder builder)
    {
    }

    public async ValueTask InitializeAsync()
    {
        Otlp = await OtlpCollector.StartAsync();
        await _acme.StartAsync();
        Acme = new HttpClient { BaseAddress = new Uri(_acme.Urls.First()) };
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        _builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.Router_AppHost>(
            [
                $"--Parameters:router-key={RouterKey}",
                $"--Parameters:admin-key={AdminKey}",
                $"--Parameters:master-key={MasterKey}",
                .. s_api is null ? [] : (string[])[$"--Router:Programs:api={s_api}"],
                .. Arguments,
            ],
            patience.Token);
        foreach (string service in (string[])["api", "worker", "migrations"])
        {
            // On the resource, where it wins over whatever the AppHost's own dashboard would be given.
            var project = (ProjectResource)_builder.Resources.Single(resource => resource.Name == service);
            _builder.CreateResourceBuilder(project)
                .WithEnvironment("OTEL_EXPORTER_OTLP_ENDPOINT", Otlp.Address)
                .WithEnvironment("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")
                .WithEnvironment("OTEL_BSP_SCHEDULE_DELAY", "500")
                .WithEnvironment("OTEL_BLRP_SCHEDULE_DELAY", "500")
                .WithEnvironment("OTEL_METRIC_EXPORT_INTERVAL", "1000")
                // The tests share one workspace and send bursts beyond the default of 25; those about limits set their own.
                .WithEnvironment("Router__Limits__RequestsPerSecond", "1000")
                .WithEnvironment("Router__Providers__acme__BaseUrl", new Uri(Acme.BaseAddress!, "acme/v1").ToString())
                .WithEnvironment("Router__Providers__acme__ApiKey", "sim-good-acme-system");
        }

        Configure(_builder);
        _app = await _builder.BuildAsync(patience.Token);
        try
        {
            await _app.StartAsync(patience.Token);
            await _app.ResourceNotifications.WaitForResourceHealthyAsync("worker", patience.Token);
            await _app.ResourceNotifications.WaitForResourceHealthyAsync("api", patience.Token);
        }
        catch (Exception failure)
        {
            Failure = new InvalidOperationException(await StackReport.OfAsync(_app), failure);
            return;
        }

        _api = _app.CreateHttpClient("api", "http");
        _simulator = _app.CreateHttpClient("simulator", "http");
    }

    private T Started<T>(T? part)
        where T : class
    {
        Assert.SkipWhen(Failure is not null, "The stack did not start.");
        return part!;
    }

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        _api?.Dispose();
        _simulator?.Dispose();
        if (_builder is not null)
        {
            await _builder.DisposeAsync();
        }

        Acme?.Dispose();
        await _acme.DisposeAsync();
        await Otlp.DisposeAsync();
    }

    public HttpRequestMessage Chat(string body, string scheme = "Bearer", string? token = null) => new(HttpMethod.Post, "/v1/chat/completions")
    {
        Headers = { Authorization = new AuthenticationHeaderValue(scheme, token ?? RouterKey) },
        Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) { Headers = { ContentType = new("application/json") } },
    };

    public async Task<(HttpResponseMessage Response, JsonNode Body)> SendAsync(HttpRequestMessage request)
    {
        HttpResponseMessage response = await Api.SendAsync(request, Cancel);
        return (response, JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancel))!);
    }

    /// <summary>A workspace of the test's own, with a router key.</summary>
    public async Task<TestWorkspace> NewWorkspaceAsync()
    {
        string id = "w" + RandomNumberGenerator.GetHexString(10, lowercase: true);
        await AdminAsync(HttpMethod.Post, "/api/workspaces", new JsonObject { ["id"] = id, ["display_name"] = id });
        JsonNode key = await AdminAsync(HttpMethod.Post, $"/api/workspaces/{id}/api-keys", new JsonObject { ["name"] = "test" });
        return new TestWorkspace(this, id, key["api_key"]!.GetValue<string>());
    }

    public async Task<JsonNode> AdminAsync(HttpMethod method, string path, JsonNode? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", AdminKey);
        using HttpResponseMessage response = await Api.SendAsync(request, Cancel);
        string text = await response.Content.ReadAsStringAsync(Cancel);
        Assert.True(response.IsSuccessStatusCode, $"{method} {path}: {(int)response.StatusCode} {text}");
        return text.Length == 0 ? new JsonObject() : JsonNode.Parse(text)!;
    }

    /// <summary>Scripts what the simulator does with a key.</summary>
    public async Task ScriptAsync(string key, string script)
    {
        using HttpResponseMessage response = await Simulator.PutAsync($"/_simulator/keys/{key}", new StringContent(script, Encoding.UTF8, "application/json"), Cancel);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(Cancel));
    }

    public async Task<JsonArray> JournalAsync(string key) =>
        (JsonArray)JsonNode.Parse(await Simulator.GetStringAsync($"/_simulator/journal?key={key}", Cancel))!;
}

/// <summary>A tenant of the running system.</summary>
public sealed record TestWorkspace(Stack Stack, string Id, string RouterKey)
{
    public Task<JsonNode> SaveKeyAsync(string key, string provider = "openai") =>
        Stack.AdminAsync(HttpMethod.Put, $"/api/workspaces/{Id}/provider-keys/{provider}", new JsonObject { ["api_key"] = key });

    public Task<JsonNode> KeyAsync(string provider = "openai") =>
        Stack.AdminAsync(HttpMethod.Get, $"/api/workspaces/{Id}/provider-keys/{provider}");

    public HttpRequestMessage Chat(string body) => Stack.Chat(body, "Bearer", RouterKey);
}

[CollectionDefinition(Name)]
public sealed class StackCollection : ICollectionFixture<Stack>
{
    public const string Name = "stack";
}
