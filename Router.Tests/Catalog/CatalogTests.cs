using Router.Core.Catalog;
using Router.Core.Chat;
using Router.Core.Failures;
using Router.Core.Routing;
using Router.Tests.Support;

namespace Router.Tests.Catalog;

public sealed class CatalogTests(Pipeline pipeline) : IClassFixture<Pipeline>
{
    [Fact]
    public void Every_entry_of_the_embedded_catalog_is_sound_and_every_provider_has_some()
    {
        Assert.Equal(CatalogReader.Embedded().Count, pipeline.Catalog.All.Length);
        Assert.All(pipeline.Catalog.All, model => Assert.True(model.ContextLength > 0 && model.Name.Length > 0));
        Assert.All(pipeline.Providers.All, provider => Assert.Contains(pipeline.Catalog.All, model => model.Provider == provider.Slug));
        Assert.True(pipeline.Catalog.All.Count(model => model.Prices is { Input: > 0 }) > 150);
    }

    [Fact]
    public void Auto_over_the_embedded_catalog_chooses_among_models_to_chat_with()
    {
        AttemptPlan plan = Plan("""{"model":"auto","sort":["price"]}""");
        Assert.Equal(RoutePlanner.MostRoutes, plan.Entries.Select(entry => entry.Step).Distinct().Count());
        Assert.DoesNotContain(plan.Entries, entry => entry.Model.Contains("guard", StringComparison.Ordinal));
        Assert.Equal("groq/meta-llama/llama-prompt-guard-2-22m", Plan("""{"model":"auto","models":["groq/meta-llama/llama-prompt-guard-2-22m"]}""").Entries[0].QualifiedModel);
    }

    [Fact]
    public void A_bad_file_is_refused_with_every_problem_named()
    {
        using var file = new MemoryStream("""{"models":[{"id":"a/b","provider":"a"},{"id":"a/c","provider":"a","upstream_model":"c","pricing_usd_per_million_tokens":{"input":-1}},{"id":"a/c","provider":"a","upstream_model":"c"}]}"""u8.ToArray());
        string message = Assert.Throws<InvalidDataException>(() => CatalogReader.Read(file, "models.json")).Message;
        Assert.Contains("a/b names no provider or no upstream_model", message, StringComparison.Ordinal);
        Assert.Contains("a/c has a negative price", message, StringComparison.Ordinal);
        Assert.Contains("a/c is listed twice", message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_operators_file_adds_replaces_and_removes()
    {
        string path = Path.GetTempFileName();
        File.WriteAllText(path, """{"models":[{"id":"openai/gpt-4o","disabled":true},{"id":"openai/mine","provider":"openai","upstream_model":"mine","context_length":5}]}""");
        using var services = pipeline.Build("http://127.0.0.1:1", ("Router:Catalog:File", path));
        var catalog = (ModelCatalog)services.GetService(typeof(ModelCatalog))!;
        File.Delete(path);
        Assert.Null(catalog.Find("openai/gpt-4o"));
        Assert.Equal(5, catalog.Find("openai/mine")!.ContextLength);
    }

    [Fact]
    public void A_bare_name_finds_every_provider_that_hosts_it_cheapest_first()
    {
        string[] routes = [.. Plan("""{"model":"gpt-oss-120b"}""").Entries.Select(entry => entry.QualifiedModel)];
        Assert.Contains("cerebras/gpt-oss-120b", routes);
        Assert.Contains("groq/openai/gpt-oss-120b", routes);
        Assert.Contains("deepinfra/openai/gpt-oss-120b", routes);
        Assert.Contains("fireworks/accounts/fireworks/models/gpt-oss-120b", routes);
        decimal[] prices = [.. routes.Select(route => pipeline.Catalog.Find(route)!.BlendedPrice!.Value)];
        Assert.Equal(prices.Order(), prices);
    }

    [Theory]
    [InlineData("""{"model":"gpt-oss-120b","provider":{"order":["groq","cerebras"]}}""", "groq/openai/gpt-oss-120b cerebras/gpt-oss-120b")]
    [InlineData("""{"model":"gpt-oss-120b","provider":{"only":["cerebras"]}}""", "cerebras/gpt-oss-120b")]
    [InlineData("""{"model":"gpt-oss-120b","provider":{"order":["groq"],"allow_fallbacks":false}}""", "groq/openai/gpt-oss-120b")]
    [InlineData("""{"model":"GPT-OSS-120B","provider":{"order":["groq","cerebras"]},"ignore":["groq"]}""", "cerebras/gpt-oss-120b")]
    [InlineData("""{"model":"openai/gpt-4o","models":["claude-opus-4-8"],"provider":{"only":["anthropic"]}}""", "openai/gpt-4o anthropic/claude-opus-4-8")]
    public void The_request_orders_and_limits_the_providers(string members, string start) =>
        Assert.StartsWith(start, string.Join(' ', Plan(members).Entries.Select(entry => entry.QualifiedModel)), StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"model":"gpt-4oo"}""", 404, "gpt-4o")]
    [InlineData("""{"model":"openai/gpt-4o","models":["openai"]}""", 400, "is a provider")]
    [InlineData("""{"model":"openai/gpt-4o","models":["auto"]}""", 400, "stands alone")]
    [InlineData("""{"model":"gpt-oss-120b","sort":"speed"}""", 400, "price, latency, throughput, intelligence, math, coding")]
    [InlineData("""{"model":"gpt-oss-120b","provider":{"only":["nobody"]}}""", 400, "Known providers")]
    [InlineData("""{"model":"gpt-oss-120b","sort":3}""", 400, "sort")]
    public void What_cannot_be_resolved_is_told_with_a_hint(string members, int status, string hint)
    {
        RouterException error = Assert.Throws<RouterException>(() => Plan(members));
        Assert.Equal(status, error.Error.Status);
        Assert.Contains(hint, error.Error.Message, StringComparison.OrdinalIgnoreCase);
    }

    private AttemptPlan Plan(string members)
    {
        RouteRequest request = pipeline.Request(members[..^1] + ""","messages":[{"role":"user","content":"Hi"}]}""").Options.Request;
        return RoutePlanner.Plan(new PlanInput(request.Model, request.Options, request.Workspace), pipeline.Knowledge);
    }
}
