using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json.Nodes;
using CsCheck;
using Microsoft.Extensions.Configuration;
using Router.Core.Catalog;
using Router.Core.Failures;
using Router.Core.Health;
using Router.Core.Keys;
using Router.Core.Providers;
using Router.Core.Routing;
using Router.Tests.Support;

namespace Router.Tests.Routing;

/// <summary>Random catalogs, options, policies, keys, health and statistics: what no plan may break.</summary>
public sealed class PlanPropertyTests
{
    private static readonly string[] Slugs = ["openai", "groq", "mistral", "xai"];
    private static readonly string[] Models = ["a", "b", "lab/a", "c"];
    private static readonly ProviderRegistry Providers = MakeProviders();

    private static readonly Gen<string> Slug = Gens.Of("openai", "groq", "mistral", "xai");
    private static readonly Gen<string> Qualified = Gen.Select(Slug, Gens.Of(Models), (slug, model) => $"{slug}/{model}");
    private static readonly Gen<string> Name = Gen.OneOf(Qualified, Slug, Gens.Of("a", "b", "c", "GROQ"));

    private static readonly Gen<ModelCatalog> Catalog = Gen.Select(
        Gen.Select(Qualified, Gen.Int[0, 6], Gen.Bool, Gen.Bool, Gen.Int[0, 5]).List[1, 16],
        entries => new ModelCatalog(CatalogReader.Read(new MemoryStream(Document(entries)), "random"), Providers));

    private static readonly Gen<RouterOptions> Options = Gen.Select(
        Name.List[0, 4], Name.List[0, 2], Gen.Enum<SortCriterion>().List[0, 3], Slug.List[0, 2], Slug.List[0, 3], Gen.Bool, Gen.Bool, Slug.List[0, 2]).Select(
        (models, ignore, sort, order, only, fallbacks, byok, runtime) => new RouterOptions
        {
            Models = [.. models],
            Ignore = [.. ignore],
            Sort = [.. sort.Distinct()],
            ProviderOrder = [.. order],
            ProviderOnly = [.. only],
            AllowFallbacks = fallbacks,
            ByokOnly = byok,
            Credentials = runtime.Distinct().ToFrozenDictionary(slug => slug, slug => new RuntimeCredential(new Secret($"runtime-{slug}"), "print", fallbacks)),
        });

    private static readonly Gen<(Workspace Workspace, OpenHealth Health, FixedStatistics Statistics)> World = Gen.Select(
        Slug.List[0, 3], Slug.List[0, 3], Gen.Bool, Slug.List[0, 2], Gen.Select(Qualified, Gen.Int[0, 3], Gen.Int[0, 3], Gen.Int[0, 5]).List[0, 8]).Select(
        (saved, allowed, byokOnly, broken, measured) =>
        {
            var health = new OpenHealth();
            foreach (string slug in broken)
            {
                Providers.TryFind(slug, out Provider? provider);
                health.Known[provider!.SystemCredential?.Id ?? ""] = new HealthVerdict(false, FailureClass.Quota, null);
            }

            var statistics = new FixedStatistics();
            foreach ((string route, int latency, int throughput, int failing) in measured)
            {
                statistics.Known[route] = new RouteMeasurement(latency == 0 ? null : TimeSpan.FromMilliseconds(latency), throughput == 0 ? null : throughput, failing == 0);
            }

            var keys = saved.Distinct().ToFrozenDictionary(slug => slug, slug => new ProviderKey(Guid.Empty, "w", slug, 1, new Secret("own"), "", "print", CredentialStatus.Valid, null));
            return (new Workspace("w", "W", WorkspacePolicy.Default with { ByokOnly = byokOnly, AllowedProviders = [.. allowed] }, keys), health, statistics);
        });

    [Fact]
    public void A_plan_keeps_every_rule_and_is_the_same_each_time() =>
        Gen.Select(Gen.OneOf(Gen.Const("auto"), Gen.Const("auto"), Qualified, Gens.Of("a", "b")), Catalog, Options, World, Gen.Long[0, 5]).Sample((model, catalog, options, world, turn) =>
        {
            var input = new PlanInput(model, options, world.Workspace) { Explore = turn > 2 ? turn : null };
            var knowledge = new RoutingKnowledge(catalog, Providers, world.Health, world.Statistics);
            (AttemptPlan? plan, RouterError? error) = Plan(input, knowledge, null);
            List<Exclusion> excluded = [];
            (AttemptPlan? again, RouterError? errorAgain) = Plan(input, knowledge, excluded);
            Assert.Equal(error?.Message, errorAgain?.Message);
            Assert.Equal(plan?.Reasoning, again?.Reasoning);
            Assert.Equal(Steps(plan), Steps(again));
            if (plan is null)
            {
                return;
            }

            Assert.Equal(plan.Entries.Length, plan.Entries.Select(entry => (entry.QualifiedModel, entry.Credential.Id)).Distinct().Count());
            Assert.All(plan.Entries, entry => CheckEntry(entry, input));
            Assert.All(excluded.Where(exclusion => !exclusion.SystemKeyOnly), exclusion =>
                Assert.DoesNotContain(plan.Entries, entry => entry.Provider == exclusion.Provider && entry.Model == exclusion.Model));
            if (model == "auto")
            {
                CheckChoice(plan, input, knowledge);
            }
        }, iter: 5_000);

    [Fact]
    public void Routes_chosen_among_are_sorted_as_asked() =>
        Gen.Select(Catalog, Options, World).Sample((catalog, options, world) =>
        {
            options = options with { AllowFallbacks = true, ProviderOrder = [] };
            var knowledge = new RoutingKnowledge(catalog, Providers, world.Health, world.Statistics);
            if (Plan(new PlanInput("auto", options, world.Workspace), knowledge, null).Plan is not { } plan)
            {
                return;
            }

            // Within routes alike in use and trouble, the first criterion that tells two neighbours apart puts them in order.
            var routes = plan.Entries.GroupBy(entry => entry.Step).Select(keys => (Name: keys.First().QualifiedModel, Usable: keys.Any(key => key.Health.Usable))).ToArray();
            foreach (((string a, bool usableA), (string b, bool usableB)) in routes.Zip(routes.Skip(1)))
            {
                Assert.True(usableA || !usableB);
                if (usableA == usableB && world.Statistics.Find(a, null).Failing == world.Statistics.Find(b, null).Failing)
                {
                    ImmutableArray<SortCriterion> sort = options.Sort.IsEmpty ? [SortCriterion.Latency, SortCriterion.Price] : options.Sort;
                    Assert.True(sort.Select(by => Rank(a, by, knowledge).CompareTo(Rank(b, by, knowledge))).FirstOrDefault(rank => rank != 0) <= 0, $"{a} before {b}");
                }
            }
        }, iter: 5_000);

    private static void CheckEntry(PlanEntry entry, PlanInput input)
    {
        RouterOptions options = input.Options;
        Assert.True(input.Workspace.Policy.Allows(entry.Provider.Slug));
        Assert.False((options.ByokOnly || input.Workspace.Policy.ByokOnly) && entry.Credential.Type == CredentialType.System);
        Assert.False(options.Credentials.GetValueOrDefault(entry.Provider.Slug) is { FallbackToSystem: false } && entry.Credential.Type == CredentialType.System);
        Assert.DoesNotContain(options.Ignore, name =>
            string.Equals(name, entry.Provider.Slug, StringComparison.OrdinalIgnoreCase) || name == entry.QualifiedModel || name == entry.Model || name == entry.Model.Split('/')[^1]);
        if (options.ProviderOnly.Length > 0 && !input.Model.Contains('/', StringComparison.Ordinal) && options.Models.IsEmpty)
        {
            Assert.Contains(entry.Provider.Slug, options.ProviderOnly);
        }
    }

    private static void CheckChoice(AttemptPlan plan, PlanInput input, RoutingKnowledge knowledge)
    {
        RouterOptions options = input.Options;
        Assert.InRange(plan.Entries.Select(entry => entry.Step).Distinct().Count(), 0, options.AllowFallbacks ? RoutePlanner.MostRoutes : 1);
        Assert.All(plan.Entries, entry =>
        {
            Assert.True(options.ProviderOnly.IsEmpty || options.ProviderOnly.Contains(entry.Provider.Slug));
            Assert.True(options.Models.IsEmpty || options.Models.Any(name =>
                string.Equals(name, entry.Provider.Slug, StringComparison.OrdinalIgnoreCase) || name == entry.QualifiedModel || name == entry.Model || name == entry.Model.Split('/')[^1]));
            Assert.False(knowledge.Catalog.FindHosted(entry.QualifiedModel) is { OnlyWhenNamed: true } && !options.Models.Any(name => name == entry.QualifiedModel || name == entry.Model || name == entry.Model.Split('/')[^1]));
            Assert.True(knowledge.Catalog.FindHosted(entry.QualifiedModel) is { } hosted ? hosted.Features.HasFlag(ModelFeatures.Text) : options.Models.Contains(entry.QualifiedModel));
        });
    }

    private static double Rank(string route, SortCriterion by, RoutingKnowledge knowledge)
    {
        HostedModel? hosted = knowledge.Catalog.FindHosted(route);
        RouteMeasurement measured = knowledge.Statistics.Find(route, null);
        return by switch
        {
            SortCriterion.Price => (double?)hosted?.Model.BlendedPrice,
            SortCriterion.Latency => measured.Latency?.TotalSeconds,
            SortCriterion.Throughput => -measured.Throughput,
            SortCriterion.Intelligence => -hosted?.Model.Scores?.Intelligence,
            SortCriterion.Math => -hosted?.Model.Scores?.Math,
            _ => -hosted?.Model.Scores?.Coding,
        } ?? double.MaxValue;
    }

    private static (AttemptPlan? Plan, RouterError? Error) Plan(PlanInput input, RoutingKnowledge knowledge, List<Exclusion>? excluded)
    {
        try
        {
            return (RoutePlanner.Plan(input, knowledge, excluded), null);
        }
        catch (RouterException e)
        {
            return (null, e.Error);
        }
    }

    private static IEnumerable<(int, string, string)> Steps(AttemptPlan? plan) =>
        plan?.Entries.Select(entry => (entry.Step, entry.QualifiedModel, entry.Credential.Id)) ?? [];

    private static byte[] Document(List<(string Name, int Price, bool Text, bool Tools, int Score)> entries) =>
        System.Text.Encoding.UTF8.GetBytes(new JsonObject
        {
            ["models"] = new JsonArray([.. entries.DistinctBy(entry => entry.Name).Select(JsonNode (entry) => new JsonObject
            {
                ["id"] = entry.Name,
                ["provider"] = entry.Name.Split('/')[0],
                ["upstream_model"] = entry.Name[(entry.Name.IndexOf('/', StringComparison.Ordinal) + 1)..],
                ["output_modalities"] = new JsonArray(entry.Text ? "text" : "image"),
                ["status"] = entry.Score == 5 ? "deprecated" : "stable",
                ["pricing_usd_per_million_tokens"] = entry.Price == 0 ? null : new JsonObject { ["input"] = entry.Price, ["output"] = 1 },
                ["scores"] = entry.Score == 0 ? null : new JsonObject { ["math"] = entry.Score, ["coding"] = entry.Price },
            })]),
        }.ToJsonString());

    private static ProviderRegistry MakeProviders()
    {
        IConfiguration configuration = new ConfigurationBuilder().AddInMemoryCollection(
            Slugs.Take(3).Select(slug => KeyValuePair.Create($"Router:Providers:{slug}:ApiKey", (string?)$"system-{slug}"))
                .Append(KeyValuePair.Create("Router:MasterKeys:0", (string?)("test:" + Convert.ToBase64String(System.Security.Cryptography.RandomNumberGenerator.GetBytes(32)))))).Build();
        return new ProviderRegistry(configuration, new KeyFingerprint(MasterKeyConfiguration.Load(configuration)));
    }
}
