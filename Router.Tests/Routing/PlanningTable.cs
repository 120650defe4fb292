using System.Collections.Frozen;
using System.Text;
using Microsoft.Extensions.Configuration;
using Router.Core.Catalog;
using Router.Core.Failures;
using Router.Core.Health;
using Router.Core.Keys;
using Router.Core.Providers;
using Router.Core.Routing;
using Router.Tests.Support;

namespace Router.Tests.Routing;

/// <summary>A small catalog at three providers, each with a system key unless it is taken away.</summary>
internal sealed class PlanningTable
{
    public const string Models = """
        {"models":[
        {"id":"1","provider":"openai","upstream_model":"small","context_length":1000,"input_modalities":["text"],"output_modalities":["text"],"capabilities":{"tools":true},"pricing_usd_per_million_tokens":{"input":1,"output":1},"scores":{"math":1,"coding":9}},
        {"id":"2","provider":"openai","upstream_model":"big","context_length":100000,"input_modalities":["text","image"],"output_modalities":["text"],"capabilities":{"tools":true,"structured_output":true},"pricing_usd_per_million_tokens":{"input":8,"output":8},"scores":{"math":5,"intelligence":9}},
        {"id":"3","provider":"openai","upstream_model":"old","status":"deprecated","context_length":100000,"output_modalities":["text"],"pricing_usd_per_million_tokens":{"input":0,"output":0}},
        {"id":"4","provider":"openai","upstream_model":"painter","context_length":1000,"output_modalities":["image"],"pricing_usd_per_million_tokens":{"input":0,"output":0}},
        {"id":"5","provider":"groq","upstream_model":"open","context_length":100000,"output_modalities":["text"],"pricing_usd_per_million_tokens":{"input":3,"output":3}},
        {"id":"6","provider":"mistral","upstream_model":"lab/open","context_length":100000,"output_modalities":["text"],"pricing_usd_per_million_tokens":{"input":2,"output":2}},
        {"id":"7","provider":"mistral","upstream_model":"unpriced","context_length":100000,"output_modalities":["text"]},
        {"id":"8","provider":"mistral","upstream_model":"guard","auto":false,"context_length":100000,"output_modalities":["text"]}
        ]}
        """;

    public PlanningTable(string keys = "openai groq mistral", params (string Key, string Value)[] settings)
    {
        IConfiguration configuration = new ConfigurationBuilder().AddInMemoryCollection(
            keys.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(slug => KeyValuePair.Create($"Router:Providers:{slug}:ApiKey", (string?)$"system-{slug}"))
                .Concat(settings.Select(pair => KeyValuePair.Create(pair.Key, (string?)pair.Value)))
                .Append(KeyValuePair.Create("Router:MasterKeys:0", (string?)("test:" + Convert.ToBase64String(System.Security.Cryptography.RandomNumberGenerator.GetBytes(32)))))).Build();
        Providers = new ProviderRegistry(configuration, new KeyFingerprint(MasterKeyConfiguration.Load(configuration)));
        using var models = new MemoryStream(Encoding.UTF8.GetBytes(Models));
        Knowledge = new RoutingKnowledge(new ModelCatalog(CatalogReader.Read(models, "the table"), Providers, ConfiguredScores.Load(configuration)), Providers, Health, Statistics);
    }

    public ProviderRegistry Providers { get; }

    public OpenHealth Health { get; } = new();

    public FixedStatistics Statistics { get; } = new();

    public RoutingKnowledge Knowledge { get; }

    public List<Exclusion> Excluded { get; } = [];

    public Workspace Workspace { get; set; } = new("w", "W", WorkspacePolicy.Default, FrozenDictionary<string, ProviderKey>.Empty);

    public AttemptPlan Plan(string model, RouterOptions? options = null, RequestNeeds? needs = null, long? explore = null)
    {
        Excluded.Clear();
        return RoutePlanner.Plan(
            new PlanInput(model, options ?? RouterOptions.None, Workspace) { Needs = needs is null ? null : () => needs, Explore = explore }, Knowledge, Excluded);
    }

    /// <summary>The planned routes with their keys, as <c>provider/model</c>, those of one route once.</summary>
    public string Routes(string model, RouterOptions? options = null, RequestNeeds? needs = null, long? explore = null) =>
        string.Join(' ', Plan(model, options, needs, explore).Entries.Select(entry => entry.QualifiedModel).Distinct());

    public void Measure(string route, double? milliseconds = null, double? throughput = null, bool failing = false) =>
        Statistics.Known[route] = new RouteMeasurement(milliseconds is { } ms ? TimeSpan.FromMilliseconds(ms) : null, throughput, failing);

    /// <summary>The provider's system key is of no use now.</summary>
    public void Break(string slug)
    {
        Providers.TryFind(slug, out Provider? provider);
        Health.Known[provider!.SystemCredential!.Id] = new HealthVerdict(false, FailureClass.Quota, null);
    }

    public void Save(string slug, string? key = "own") => Workspace = Workspace with
    {
        ProviderKeys = Workspace.ProviderKeys
            .Append(KeyValuePair.Create(slug, new ProviderKey(Guid.NewGuid(), "w", slug, 1, key is null ? null : new Secret(key), "", "print", CredentialStatus.Valid, null)))
            .ToFrozenDictionary(),
    };
}
