using System.Text;
using Router.Core.Catalog;
using Router.Tests.Support;

namespace Router.Tests.Catalog;

/// <summary>What one flat price a model cannot say. The amounts are worked out by hand.</summary>
public sealed class PriceTierTests(Pipeline pipeline) : IClassFixture<Pipeline>
{
    private static readonly DateTimeOffset December = new(2026, 12, 15, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("openai/gpt-5.6-terra", 272_000, null, 0.5452, "standard")] // 272000×2 + 100×12
    [InlineData("openai/gpt-5.6-terra", 272_001, null, 1.089804, "long_context")] // 272001×4 + 100×18
    [InlineData("openai/gpt-5.6-terra", 1_000, "flex", 0.0016, "flex")]
    [InlineData("openai/gpt-5.6-terra", 1_000, "batch", 0.0016, "batch")]
    [InlineData("openai/gpt-5.6-terra", 1_000, "fast", 0.0064, "fast")]
    [InlineData("openai/gpt-5.6-terra", 1_000, "priority", 0.0064, "priority")]
    [InlineData("openai/gpt-5.6-terra", 300_000, "flex", 0.6009, "long_context+flex")] // (300000×4 + 100×18) / 2
    [InlineData("openai/gpt-6.2-astra", 300_000, null, 4.806, "long_context")] // 300000×16 + 100×60
    [InlineData("openai/gpt-4o", 1_000, "flex", null, "flex")]
    [InlineData("openai/gpt-4.1", 1_000, "priority", 0.0049, "priority")] // (1000×2 + 100×8) × 1.75
    [InlineData("anthropic/claude-haiku-5-5", 100_000, null, 0.01005, "standard")] // 100000×0.10 + 100×0.50
    [InlineData("anthropic/claude-haiku-5-5", 100_001, null, 0.0502505, "long_context")] // 100001×0.50 + 100×2.50
    [InlineData("anthropic/claude-opus-5-5", 1_000, "fast", 0.012, "fast")] // 1000×8 + 100×40
    [InlineData("anthropic/claude-sonnet-4-5", 1_000, "priority", null, "priority")]
    [InlineData("xai/grok-4.7", 200_001, null, 0.801204, "long_context")] // 200001×4 + 100×12
    [InlineData("google-vertex/xai/grok-4.3", 200_001, null, 0.5005025, "long_context")] // 200001×2.50 + 100×5
    [InlineData("xai/grok-4.3", 200_001, null, 0.25025125, "standard")] // 200001×1.25 + 100×2.50
    [InlineData("deepinfra/Qwen/Qwen3.7-Max", 32_000, null, 0.08075, "standard")] // 32000×2.50 + 100×7.50
    [InlineData("deepinfra/Qwen/Qwen3.7-Max", 32_001, null, 0.161505, "long_context")] // 32001×5 + 100×15
    [InlineData("deepinfra/Qwen/Qwen3.7-Max", 128_001, null, 0.80185625, "long_context")] // 128001×6.25 + 100×18.50
    [InlineData("google-ai-studio/gemini-2.5-flash", 1_000, "flex", 0.000275, "flex")]
    [InlineData("google-ai-studio/gemini-2.5-flash", 1_000, "priority", null, "priority")]
    [InlineData("mistral/mistral-large-4", 1_000, null, 0.000889, "standard")] // 680 + 209
    [InlineData("groq/openai/gpt-oss-120b", 1_000, "flex", 0.00021, "flex")]
    [InlineData("xai/grok-4.7", 1_000, "provisioned", null, "provisioned")]
    public void A_long_prompt_and_an_urgent_request_have_their_prices(string model, long input, string? serviceTier, double? usd, string tier) =>
        Assert.Equal(((decimal?)usd, tier), Price(model, new(input, 0, 0, 100, 0), serviceTier, December));

    [Theory]
    [InlineData("openai/gpt-5.6-sol", "2026-11-21T23:59:59Z", 0.006, "promotion")] // 1000×4 + 100×20
    [InlineData("openai/gpt-5.6-sol", "2026-11-22T00:00:00Z", 0.008, "standard")] // 1000×5 + 100×30
    [InlineData("google-ai-studio/gemini-3.8-flash", "2026-12-31T23:59:59Z", 0.001125, "promotion")] // 750 + 375
    [InlineData("google-vertex/gemini-3.8-flash", "2027-01-01T00:00:00Z", 0.00225, "standard")] // 1500 + 750
    public void A_promotion_ends(string model, string at, double usd, string tier) =>
        Assert.Equal(((decimal?)(decimal)usd, tier), Price(model, new(1_000, 0, 0, 100, 0), null, DateTimeOffset.Parse(at, System.Globalization.CultureInfo.InvariantCulture)));

    [Fact]
    public void Cached_and_written_input_take_part_in_a_tier()
    {
        // 100000 fresh, 50000 read, 50000 written of which 20000 for an hour: 0.10, 0.01, 0.125, 0.20, all five times.
        var tokens = new TokenCounts(200_000, 50_000, 50_000, 0, 0) { CacheWriteLong = 20_000 };
        Assert.Equal(5 * (100_000 * 0.10m + 50_000 * 0.01m + 30_000 * 0.125m + 20_000 * 0.20m) / 1_000_000, Price("anthropic/claude-haiku-5-5", tokens, null, December).Usd);
        // Twice the input's prices, half again the output's: 2, 0.20, 2.50.
        Assert.Equal((200_000 * 4m + 100_000 * 0.4m + 50_000 * 5m) / 1_000_000, Price("openai/gpt-5.6-terra", new(350_000, 100_000, 50_000, 0, 0), null, December).Usd);
        Assert.Equal((30_000 * 2.5m + 20_000 * 5m) / 1_000_000, Price("openai/gpt-6.2-sol", new(50_000, 0, 50_000, 0, 0) { CacheWriteLong = 20_000 }, null, December).Usd);
    }

    [Fact]
    public void An_operators_entry_brings_its_own_tiers_and_none_of_ours()
    {
        string file = Path.GetTempFileName();
        File.WriteAllText(file, """
            {"models":[{"id":"openai/gpt-5.6-terra","provider":"openai","upstream_model":"gpt-5.6-terra","pricing_usd_per_million_tokens":{"input":1,"output":2,"tiers":[{"name":"night","service_tier":"flex","input_factor":0.1,"from":"2026-12-01","until":"2026-12-31"}]}}]}
            """);
        try
        {
            using var services = pipeline.Build("http://localhost:1", ("Router:Catalog:File", file));
            var catalog = (ModelCatalog)services.GetService(typeof(ModelCatalog))!;
            CatalogPrices prices = catalog.Find("openai/gpt-5.6-terra")!.Prices!;
            Assert.Equal(new TierPrice(0.3m, "standard"), TokenCost.Price(prices, new(300_000, 0, 0, 0, 0), null, December));
            Assert.Equal(new TierPrice(0.03m, "night"), TokenCost.Price(prices, new(300_000, 0, 0, 0, 0), "flex", December));
            Assert.Equal(new TierPrice(0.3m, "standard"), TokenCost.Price(prices, new(300_000, 0, 0, 0, 0), "flex", December.AddYears(1)));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void A_negative_price_in_a_tier_is_refused()
    {
        using var file = new MemoryStream(Encoding.UTF8.GetBytes("""{"models":[{"id":"a/b","provider":"a","upstream_model":"b","pricing_usd_per_million_tokens":{"input":1,"output":2,"tiers":[{"output":-1}]}}]}"""));
        Assert.Contains("negative price", Assert.Throws<InvalidDataException>(() => CatalogReader.Read(file, "the file")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_rule_is_about_a_model_of_the_catalog_and_names_a_tier_that_can_be_told()
    {
        HashSet<string> words = [ServiceTiers.Flex, ServiceTiers.Priority, ServiceTiers.Batch, ServiceTiers.Fast, ServiceTiers.Provisioned];
        PriceTier[] tiers = [.. pipeline.Catalog.All.SelectMany(model => model.Prices?.Tiers ?? [])];
        Assert.True(tiers.Length > 100);
        Assert.All(tiers, tier => Assert.True(tier.ServiceTier is null || words.Contains(tier.ServiceTier)));
        Assert.All(tiers, tier => Assert.True(tier.Name is not null || tier is { AboveInputTokens: null, ServiceTier: null, From: null, Until: null }));
    }

    [Fact]
    public void Embedding_models_are_priced_and_are_not_chosen_to_chat_with()
    {
        CatalogModel[] embedders = [.. pipeline.Catalog.All.Where(model => model.Kind == "embedding")];
        Assert.Equal(11, embedders.Length);
        Assert.All(embedders, model => Assert.True(model is { Auto: false, Prices.Input: > 0 }));
        Assert.Equal(300, CatalogReader.Embedded().Count);
    }

    [Theory]
    [InlineData("default", null)]
    [InlineData("auto", null)]
    [InlineData("standard", null)]
    [InlineData("on_demand", null)]
    [InlineData("ON_DEMAND", null)]
    [InlineData("sk-secret", null)]
    [InlineData(null, null)]
    [InlineData("flex", "flex")]
    [InlineData("ON_DEMAND_FLEX", "flex")]
    [InlineData("ON_DEMAND_PRIORITY", "priority")]
    [InlineData("PROVISIONED_THROUGHPUT", "provisioned")]
    [InlineData("scale", "provisioned")]
    public void A_providers_word_for_a_tier_is_one_of_ours_or_none(string? word, string? tier) => Assert.Equal(tier, ServiceTiers.Of(word));

    private (decimal? Usd, string Tier) Price(string model, TokenCounts tokens, string? serviceTier, DateTimeOffset at)
    {
        TierPrice price = TokenCost.Price(pipeline.Catalog.Find(model)!.Prices, tokens, serviceTier, at);
        return (price.Usd, price.Tier);
    }
}
