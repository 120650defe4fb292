using System.Collections.Frozen;
using System.Security.Cryptography;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Router.Api.Dialects.OpenAI;
using Router.Core.Chat;
using Router.Core.Health;
using Router.Core.Keys;
using Router.Core.Providers;
using Router.Core.Routing;

namespace Router.Benchmarks;

/// <summary>The router's services as the API registers them, with the canned provider for a network and no stored state.</summary>
internal static class Host
{
    private static readonly string[] Slugs = ["openai", "anthropic", "google-ai-studio", "groq", "mistral"];

    public static ServiceProvider Build()
    {
        IConfiguration configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Router:MasterKeys:0"] = "bench:" + Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)),
        }).Build();
        var services = new ServiceCollection();
        services.AddSingleton(configuration);
        services.AddSingleton(MasterKeyConfiguration.Load(configuration));
        services.AddSingleton<KeyFingerprint>();
        services.AddSingleton<ICredentialHealth, GoodHealth>();
        services.AddRouterChat(configuration);
        services.AddSingleton(_ => new ProviderHttp(new CannedProvider()));
        services.AddSingleton<ChatRequestReader>();
        return services.BuildServiceProvider();
    }

    /// <summary>A workspace with stored keys for so many providers.</summary>
    public static Workspace Workspace(int keys) => new(
        "bench",
        "Bench",
        WorkspacePolicy.Default,
        Slugs.Take(keys).ToFrozenDictionary(slug => slug, slug => new ProviderKey(
            Guid.CreateVersion7(), "bench", slug, 1, new Secret($"sk-bench-{slug}-0123456789abcdef"), "cdef", "print", CredentialStatus.Valid, null)));

    /// <summary>The chat options of a request whose plan is made.</summary>
    public static RouterChatOptions Planned(AttemptPlan plan, string model, Workspace workspace) =>
        new(new RouteRequest { Workspace = workspace, Model = model, Plan = plan, Stream = true }) { ModelId = model };
}
