using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Router.Core.Routing.SavedRouters;
using Router.Tests.Support;

namespace Router.Tests.Routing.SavedRouters;

public sealed class SavedRouterReaderTests
{
    private const string Route = """{"route_id":"d","variants":[{"variant":{"variant_id":"v","model_id":"openai/gpt-4o"},"weight":100}]}""";

    [Fact]
    public void A_whole_router_is_read_and_written_as_it_was_but_for_its_names()
    {
        SavedRouter router = Definitions.Router(Definitions.Whole);
        JsonNode expected = JsonNode.Parse(Definitions.Whole)!;
        expected["name"] = "whole";
        Assert.True(JsonNode.DeepEquals(expected, JsonNode.Parse(Definitions.Write(router))), Definitions.Write(router));
        Assert.Contains("0.70", Definitions.Write(router), StringComparison.Ordinal);
        Assert.Equal(["defaults.optimize_prompt", "routes[0].route.variants[0].variant.text_generation_config.reasoning.exclude", "routes[1].route.variants[0].variant.web_search"], router.WithoutEffect.Order(StringComparer.Ordinal));
        Assert.Equal(["metadata", "tools"], router.Variables.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Both_case_styles_say_the_same()
    {
        // A name the router does not know is a provider's, and goes as it stands.
        string camel = Camel(JsonNode.Parse(Definitions.Whole)!)!.ToJsonString().Replace("minP", "min_p", StringComparison.Ordinal);
        Assert.Contains("\"routeId\"", camel, StringComparison.Ordinal);
        string snake = Definitions.Whole.Replace("displayName", "display_name", StringComparison.Ordinal).Replace("defaultRoute", "default_route", StringComparison.Ordinal);
        SavedRouter[] read = [Definitions.Router(Definitions.Whole), Definitions.Router(camel), Definitions.Router(snake)];
        Assert.All(read, router => Assert.Equal(Effects(read[0]), Effects(router)));
    }

    [Fact]
    public void A_variant_wins_over_the_defaults_parameter_by_parameter()
    {
        SavedRouter router = Definitions.Router(Definitions.Whole);
        RouterVariant big = router.Routes[0].Route.Variants[0].Variant;
        Assert.Equal(
            ["logit_bias={\"50256\":-100}", "max_tokens=512", "min_p=0.05", "reasoning_effort=\"high\"", "seed=7", "stop=[\"END\"]", "temperature=1"],
            Members(big));
        Assert.Equal("Speak {{language}}.", Assert.Single(big.Effective.Templates).Content!.Source);
        Assert.Equal(3, router.Routes[1].Route.Variants[0].Variant.Effective.Templates.Length);
        RouterVariant pool = router.Routes[0].Route.Variants[1].Variant;
        Assert.Equal("auto", pool.Effective.Model);
        Assert.Equal(
            ["ignore=[\"openai/gpt-4\"]", "models=[\"openai\",\"groq\"]", "provider={\"order\":[\"groq\"],\"allow_fallbacks\":false}", "sort=[\"price\",\"latency\"]"],
            Members(pool).Where(member => member[0] is 'i' or 'p' || member.StartsWith("models", StringComparison.Ordinal) || member.StartsWith("sort", StringComparison.Ordinal)));
    }

    [Fact]
    public void The_model_of_the_defaults_serves_variants_that_name_none()
    {
        SavedRouter router = Definitions.Router("""{"name":"a","defaults":{"model_id":"groq/x"},"defaultRoute":{"route_id":"d","variants":[{"variant":{"variant_id":"a"},"weight":50},{"variant":{"variant_id":"b","model_selection":{"models":["openai"]}},"weight":50}]}}""");
        Assert.Equal(["groq/x", "auto"], router.DefaultRoute!.Variants.Select(one => one.Variant.Effective.Model));
    }

    [Theory]
    [InlineData("name", """{"name":"Upper","defaultRoute":ROUTE}""")]
    [InlineData("name", """{"name":"a_b","defaultRoute":ROUTE}""")]
    [InlineData("name", """{"name":"a\n","defaultRoute":ROUTE}""")]
    [InlineData("name", """{"name":7,"defaultRoute":ROUTE}""")]
    [InlineData("name", """{"defaultRoute":ROUTE}""")]
    [InlineData("defaultRoute", """{"name":"a"}""")]
    [InlineData("defaultRoute", """{"name":"a","defaultRoute":[]}""")]
    [InlineData("displayName", """{"name":"a","displayName":"x\u0007","defaultRoute":ROUTE}""")]
    [InlineData("display_name", """{"name":"a","displayName":"x","display_name":"x","defaultRoute":ROUTE}""")]
    [InlineData("routes", """{"name":"a","routes":{},"defaultRoute":ROUTE}""")]
    [InlineData("routes[0].condition", """{"name":"a","routes":[{"route":ROUTE}]}""")]
    [InlineData("routes[0].route", """{"name":"a","routes":[{"condition":{"cel_expression":"true"}}]}""")]
    [InlineData("routes[0].condition.cel_expression", """{"name":"a","routes":[{"route":ROUTE,"condition":{"cel_expression":"metadata.tier =="}}]}""")]
    [InlineData("routes[0].condition.cel_expression", """{"name":"a","routes":[{"route":ROUTE,"condition":{"cel_expression":true}}]}""")]
    [InlineData("routes", """{"name":"a","routes":[{"route":ROUTE,"condition":{"cel_expression":"true"}}],"defaultRoute":ROUTE}""")]
    [InlineData("defaultRoute.variants", """{"name":"a","defaultRoute":{"route_id":"d","variants":[]}}""")]
    [InlineData("defaultRoute.route_id", """{"name":"a","defaultRoute":{"route_id":"a b","variants":[{"variant":{"variant_id":"v","model_id":"x"},"weight":100}]}}""")]
    [InlineData("defaultRoute.variants", """{"name":"a","defaultRoute":{"route_id":"d","variants":[{"variant":{"variant_id":"v","model_id":"x"},"weight":99}]}}""")]
    [InlineData("defaultRoute.variants", """{"name":"a","defaultRoute":{"route_id":"d","variants":[{"variant":{"variant_id":"v","model_id":"x"},"weight":50},{"variant":{"variant_id":"v","model_id":"x"},"weight":50}]}}""")]
    [InlineData("defaultRoute.variants[0].weight", """{"name":"a","defaultRoute":{"route_id":"d","variants":[{"variant":{"variant_id":"v","model_id":"x"}}]}}""")]
    [InlineData("defaultRoute.variants[0].weight", """{"name":"a","defaultRoute":{"route_id":"d","variants":[{"variant":{"variant_id":"v","model_id":"x"},"weight":99.5}]}}""")]
    [InlineData("defaultRoute.variants[0].variant.model_id", """{"name":"a","defaultRoute":{"route_id":"d","variants":[{"variant":{"variant_id":"v"},"weight":100}]}}""")]
    [InlineData("defaultRoute.variants[0].variant.model_id", """{"name":"a","defaultRoute":{"route_id":"d","variants":[{"variant":{"variant_id":"v","model_id":"inworld/b"},"weight":100}]}}""")]
    [InlineData("defaultRoute.variants[0].variant.model_id", """{"name":"a","defaultRoute":{"route_id":"d","variants":[{"variant":{"variant_id":"v","model_id":"Router/b"},"weight":100}]}}""")]
    [InlineData("defaults.text_generation_config.temperature", """{"name":"a","defaults":{"text_generation_config":{"temperature":"hot"}},"defaultRoute":ROUTE}""")]
    [InlineData("defaults.text_generation_config.max_tokens", """{"name":"a","defaults":{"text_generation_config":{"max_tokens":0}},"defaultRoute":ROUTE}""")]
    [InlineData("defaults.text_generation_config.max_new_tokens", """{"name":"a","defaults":{"text_generation_config":{"max_tokens":1,"max_new_tokens":1}},"defaultRoute":ROUTE}""")]
    [InlineData("defaults.text_generation_config.stop", """{"name":"a","defaults":{"text_generation_config":{"stop":[1]}},"defaultRoute":ROUTE}""")]
    [InlineData("defaults.text_generation_config.logit_bias", """{"name":"a","defaults":{"text_generation_config":{"logit_bias":[{"token_id":"1"}]}},"defaultRoute":ROUTE}""")]
    [InlineData("defaults.text_generation_config.providerCredentials", """{"name":"a","defaults":{"text_generation_config":{"providerCredentials":{}}},"defaultRoute":ROUTE}""")]
    [InlineData("defaults.model_selection.sort[0]", """{"name":"a","defaults":{"model_selection":{"sort":["beauty"]}},"defaultRoute":ROUTE}""")]
    [InlineData("defaults.model_selection.sort[0]", """{"name":"a","defaults":{"model_selection":{"sort":[{"metric":"price","direction":"SORT_DIRECTION_DESCENDING"}]}},"defaultRoute":ROUTE}""")]
    [InlineData("defaults.model_selection.models[1]", """{"name":"a","defaults":{"model_selection":{"models":["openai",""]}},"defaultRoute":ROUTE}""")]
    [InlineData("defaults.message_templates[0].role", """{"name":"a","defaults":{"message_templates":[{"role":"king","content":"x"}]},"defaultRoute":ROUTE}""")]
    [InlineData("defaults.message_templates[0].content", """{"name":"a","defaults":{"message_templates":[{"role":"user"}]},"defaultRoute":ROUTE}""")]
    [InlineData("", """["name"]""")]
    [InlineData("", """{"name":"a","x":{"y":1,"y":2},"defaultRoute":ROUTE}""")]
    [InlineData("", """{"name":"\ud800","defaultRoute":ROUTE}""")]
    [InlineData("", "{")]
    [InlineData("", "")]
    public void What_is_wrong_is_named_with_its_path(string path, string json)
    {
        SavedRouterReading reading = Definitions.Read(json.Replace("ROUTE", Route, StringComparison.Ordinal));
        Assert.Null(reading.Router);
        Assert.Equal(path, reading.Problems[0].Path);
        Assert.All(reading.Problems, problem => Assert.StartsWith(path, problem.Path, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_problem_is_named_at_once()
    {
        SavedRouterReading reading = Definitions.Read("""{"name":"A","routes":[{"route":{"route_id":"","variants":[{"weight":"x"}]}}],"defaults":{"text_generation_config":{"seed":"x"}}}""");
        Assert.Equal(
            ["defaults.text_generation_config.seed", "name", "routes[0].condition", "routes[0].route.route_id", "routes[0].route.variants[0].variant", "routes[0].route.variants[0].weight"],
            reading.Problems.Select(problem => problem.Path).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_definition_has_bounds()
    {
        Assert.Equal("", Assert.Single(Definitions.Read($$"""{"name":"{{new string('a', SavedRouterReader.MaxBytes)}}"}""").Problems).Path);
        string deep = string.Concat(Enumerable.Repeat("[", 70)) + string.Concat(Enumerable.Repeat("]", 70));
        Assert.Equal("", Assert.Single(Definitions.Read($$"""{"name":"a","x":{{deep}},"defaultRoute":{{Route}}}""").Problems).Path);
        string routes = string.Join(",", Enumerable.Range(0, SavedRouterReader.MostRoutes + 1).Select(i => "{\"route\":" + Route.Replace("\"d\"", $"\"d{i}\"", StringComparison.Ordinal) + ""","condition":{"cel_expression":"true"}}"""));
        Assert.Equal("routes", Definitions.Read($$"""{"name":"a","routes":[{{routes}}],"defaultRoute":{{Route}}}""").Problems[0].Path);
    }

    [Fact]
    public void What_is_written_reads_as_the_same_again()
    {
        Gen<string> value = Gens.Of("1", "\"x\"", "true", "null", "[]", "{\"a\":[1,2.50]}", "\"{{a}} é😀\"");
        Gen<string> member = Gen.Select(Gens.Of("temperature", "topP", "max_tokens", "stop", "min_p", "extra", "reasoning"), Gens.Of("1", "0.50", "\"x\"", "[\"a\"]", "{}", "null"), (name, json) => $"\"{name}\":{json}");
        Gen<string> json = Gen.Select(
            member.Array[0, 4],
            Gen.Int[0, 100],
            value,
            Gens.Of("model_id", "modelId"),
            (members, weight, extra, model) => $$$"""
                {"name":"a-1","x":{{{extra}}},"defaults":{"textGenerationConfig":{ {{{string.Join(",", members)}}} },"y":{{{extra}}} },
                 "defaultRoute":{"routeId":"d","z":{{{extra}}},"variants":[
                   {"variant":{"variant_id":"a","{{{model}}}":"openai/a"},"weight":{{{weight}}} },
                   {"variant":{"variantId":"b","{{{model}}}":"b","messageTemplates":[{"role":"user","content":"{{a}} é😀"}]},"weight":{{{100 - weight}}},"w":{{{extra}}} }]}}
                """);
        int valid = 0;
        json.Sample(
            text =>
            {
                if (Definitions.Read(text).Router is not { } first)
                {
                    return;
                }

                Interlocked.Increment(ref valid);
                string written = Definitions.Write(first);
                SavedRouter second = Definitions.Router(written);
                Assert.Equal(written, Definitions.Write(second));
                Assert.Equal(Effects(first), Effects(second));
            },
            iter: 2_000);
        Assert.True(valid > 100, $"Only {valid} were valid.");
    }

    [Fact]
    public void Hostile_text_is_a_problem_and_never_an_exception()
    {
        string[] pieces = ["null", "[]", "{}", "\"\\ud800\"", "1e999", "\"\"", "-1", "\"x\"", "{\"a\":1,\"a\":2}", "[[[]]]", "\"\\u0000\"", "99999999999999999999"];
        string[] values = ["\"routers/whole\"", "60", "0.70", "[\"END\"]", "\"premium\"", "true", "\"openai/gpt-4o\"", "\"system\"", "\"seen\"", "{\"engine\": \"exa\", \"max_results\": 3}", "[\"openai\", \"groq\"]", "\"SORT_METRIC_PRICE\"", "-100"];
        Gen.Select(Gens.Of(values), Gens.Of(pieces), Gen.Int[0, Definitions.Whole.Length - 1], Gens.Of("", "\"", "{", "]", "\u0000", ","), (value, piece, at, noise) => (value, piece, at, noise))
            .Sample(
                change =>
                {
                    string text = Definitions.Whole.Replace(change.value, change.piece, StringComparison.Ordinal);
                    SavedRouterReading reading = Definitions.Read(text);
                    Assert.Equal(reading.Router is null, !reading.Problems.IsEmpty);
                    Definitions.Read(text.Insert(Math.Min(change.at, text.Length), change.noise)).Describe();
                    Definitions.Read(text[..Math.Min(change.at, text.Length)]).Describe();
                },
                iter: 3_000);
        Gen.Byte.Array[0, 200].Sample(bytes => { SavedRouterReader.Read(bytes).Describe(); }, iter: 3_000);
    }

    private static IEnumerable<string> Members(RouterVariant variant) =>
        variant.Effective.ToRequest().Select(member => $"{member.Name}={Encoding.UTF8.GetString(member.Json.Span)}").Order(StringComparer.Ordinal);

    /// <summary>What a router does to requests, as text.</summary>
    private static string Effects(SavedRouter router) => string.Join("\n", router.Routes.Select(route => (route.Route, route.Condition.Text)).Append((router.DefaultRoute!, "")).Select(route =>
        $"{router.Name} {router.DisplayName} {route.Item2} {route.Item1.Id}: " + string.Join("; ", route.Item1.Variants.Select(one =>
            $"{one.Weight} {one.Variant.Id} {one.Variant.Effective.Model} {string.Join(" ", Members(one.Variant))} {string.Join(" ", one.Variant.Effective.Templates.Select(template => template.Role + template.Content?.Source + string.Join(",", template.Items.Select(item => item.Source)) + template.ToolCallId))}"))));

    private static JsonNode? Camel(JsonNode? node) => node switch
    {
        JsonObject json => new JsonObject(json.Select(member => KeyValuePair.Create(System.Text.RegularExpressions.Regex.Replace(member.Key, "_([a-z])", match => match.Groups[1].Value.ToUpperInvariant()), Camel(member.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Camel)]),
        _ => node?.DeepClone(),
    };
}
