using System.Collections.Frozen;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Router.Api.Dialects.OpenAI;
using Router.Core.Catalog;
using Router.Core.Chat;
using Router.Core.Health;
using Router.Core.Keys;
using Router.Core.Providers;
using Router.Core.Routing;
using Router.Simulator;

namespace Router.Tests.Support;

/// <summary>The real pipeline against the real simulator over loopback HTTP; only health and the stored state are the test's.</summary>
public sealed class Pipeline : IAsyncLifetime
{
    private readonly WebApplication _simulator = SimulatorApp.Build(["--urls", "http://127.0.0.1:0"]);
    private ServiceProvider _services = null!;

    public HttpClient Simulator { get; private set; } = null!;

    internal OpenHealth Health { get; } = new();

    public IServiceProvider Services => _services;

    public IChatClient Router => _services.GetRequiredService<IChatClient>();

    public ModelCatalog Catalog => _services.GetRequiredService<ModelCatalog>();

    internal RoutingKnowledge Knowledge => _services.GetRequiredService<RoutingKnowledge>();

    internal IRouteStatistics Statistics => _services.GetRequiredService<IRouteStatistics>();

    public ProviderRegistry Providers => _services.GetRequiredService<ProviderRegistry>();

    public async ValueTask InitializeAsync()
    {
        await _simulator.StartAsync();
        string address = _simulator.Urls.First();
        Simulator = new HttpClient { BaseAddress = new Uri(address) };
        _services = Build(address);
    }

    /// <summary>The router's services as the API has them, without database and cache.</summary>
    internal ServiceProvider Build(string simulator, params (string Key, string Value)[] settings) => Build(simulator, Health, settings);

    internal static ServiceProvider Build(string simulator, ICredentialHealth health, params (string Key, string Value)[] settings)
    {
        IConfiguration configuration = new ConfigurationBuilder().AddInMemoryCollection(
            new Dictionary<string, string?>(settings.Select(pair => KeyValuePair.Create(pair.Key, (string?)pair.Value)))
            {
                ["Router:Simulator:BaseUrl"] = simulator,
                ["Router:MasterKeys:0"] = "test:" + Convert.ToBase64String(System.Security.Cryptography.RandomNumberGenerator.GetBytes(32)),
            }).Build();
        var services = new ServiceCollection();
        services.AddSingleton(configuration);
        services.AddSingleton(MasterKeyConfiguration.Load(configuration));
        services.AddSingleton<KeyFingerprint>();
        services.AddSingleton(health);
        services.AddRouterChat(configuration);
        services.AddSingleton<ChatRequestReader>();
        return services.BuildServiceProvider();
    }

    /// <summary>A request as the HTTP endpoint would make it of this body.</summary>
    public ChatRequest Request(string body, string? savedKey = null, WorkspacePolicy? policy = null) =>
        Request(body, Workspace(savedKey, policy));

    /// <summary>The same for a workspace of the test's.</summary>
    public ChatRequest Request(string body, Workspace workspace) =>
        _services.GetRequiredService<ChatRequestReader>().Read(Encoding.UTF8.GetBytes(body), workspace);

    internal static Workspace Workspace(string? savedKey, WorkspacePolicy? policy = null, string provider = "openai", string id = "default")
    {
        Dictionary<string, ProviderKey> keys = savedKey is null ? [] : new()
        {
            [provider] = new ProviderKey(id == "default" ? Guid.Parse("11111111-1111-1111-1111-111111111111") : new Guid(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(id)).AsSpan(0, 16)), id, provider, 1, new Secret(savedKey), "", "print", CredentialStatus.Valid, null),
        };
        return new Workspace(id, "Default", policy ?? WorkspacePolicy.Default, keys.ToFrozenDictionary());
    }

    public async Task<JsonArray> JournalAsync(string key) =>
        (JsonArray)JsonNode.Parse(await Simulator.GetStringAsync($"/_simulator/journal?key={Uri.EscapeDataString(key)}", TestContext.Current.CancellationToken))!;

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        Simulator.Dispose();
        await _simulator.DisposeAsync();
    }
}
