using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Router.Api.Dialects.OpenAI;
using Router.Core.Failures;
using Router.Core.Keys;
using Router.Core.Providers.OpenAI;
using Router.Core.Routing.SavedRouters;
using Router.Tests.Routing.SavedRouters;
using Router.Tests.Support;
using JsonObject = Router.Core.Wire.JsonObject;

namespace Router.Tests.Dialects.OpenAI;

public sealed class SavedRouterBodyTests
{
    [Theory]
    [InlineData("""{"model_id":"groq/m"}""", """{"model":"inworld/a","x":1.0,"messages":[M]}""", """{"model":"groq/m","x":1.0,"messages":[M]}""")]
    [InlineData("""{"model_id":"groq/m"}""", """{"messages":[M],"model_id":"router/a"}""", """{"messages":[M],"model":"groq/m"}""")]
    [InlineData("""{"model_id":"groq/m","text_generation_config":{"temperature":0.70}}""", """{"model":"inworld/a","messages":[M]}""", """{"model":"groq/m","messages":[M],"temperature":0.70}""")]
    [InlineData("""{"model_id":"groq/m","text_generation_config":{"temperature":0.7}}""", """{"model":"inworld/a","temperature":0.10,"messages":[M]}""", """{"model":"groq/m","temperature":0.10,"messages":[M]}""")]
    [InlineData("""{"model_id":"groq/m","text_generation_config":{"temperature":0.7}}""", """{"model":"inworld/a","temperature":null,"messages":[M]}""", """{"model":"groq/m","temperature":0.7,"messages":[M]}""")]
    [InlineData("""{"model_id":"groq/m","text_generation_config":{"max_new_tokens":5}}""", """{"model":"inworld/a","max_completion_tokens":9,"messages":[M]}""", """{"model":"groq/m","max_completion_tokens":9,"messages":[M]}""")]
    [InlineData("""{"model_id":"groq/m","text_generation_config":{"reasoning":{"effort":"high"}}}""", """{"model":"inworld/a","messages":[M]}""", """{"model":"groq/m","messages":[M],"reasoning_effort":"high"}""")]
    [InlineData("""{"model_id":"groq/m","text_generation_config":{"reasoning":{"effort":"unspecified"}}}""", """{"model":"inworld/a","messages":[M]}""", """{"model":"groq/m","messages":[M]}""")]
    [InlineData("""{"model_selection":{"models":["openai"],"sort":["price"]}}""", """{"model":"inworld/a","messages":[M]}""", """{"model":"auto","messages":[M],"models":["openai"],"sort":["price"]}""")]
    [InlineData("""{"model_selection":{"models":["openai"],"sort":["price"]}}""", """{"model":"inworld/a","models":["groq"],"messages":[M]}""", """{"model":"auto","models":["groq"],"messages":[M],"sort":["price"]}""")]
    [InlineData("""{"model_id":"m","message_templates":[{"role":"system","content":"Be {{mood}}, {{ who }}."}]}""", """{"model":"inworld/a","prompt_variables":{"mood":"\"kind\"\n"},"metadata":{"who":"you","mood":"no"},"messages":[ M , M ]}""", """{"model":"m","metadata":{"who":"you","mood":"no"},"messages":[{"role":"system","content":"Be \"kind\"\n, you."}, M , M ]}""")]
    [InlineData("""{"model_id":"m","message_templates":[{"role":"user","content_items":[{"text":"{{n}} {{o}} {{ not this }} {{"}]},{"role":"assistant","tool_calls":[{"id":"c","name":"f","args":"{}"}]},{"role":"tool","content":"r","tool_call_id":"c"}]}""", """{"model":"inworld/a","metadata":{"n":1.50,"o":{"a":[1]}},"messages":[M]}""", """{"model":"m","metadata":{"n":1.50,"o":{"a":[1]}},"messages":[{"role":"user","content":[{"type":"text","text":"1.50 {\"a\":[1]} {{ not this }} {{"}]},{"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","content":"r","tool_call_id":"c"},M]}""")]
    public void A_request_is_rewritten_as_if_its_caller_had_sent_it(string variant, string sent, string expected)
    {
        RoutedBody routed = Rewrite(variant, sent);
        Assert.Equal(expected.Replace("M", Message, StringComparison.Ordinal), Encoding.UTF8.GetString(routed.Body.Text.Span));
        Assert.Equal(new SavedRouterUse("a", "d", "v"), routed.Use);
    }

    [Fact]
    public void What_stands_in_extra_body_counts_as_the_requests_own()
    {
        RoutedBody routed = Rewrite(
            """{"model_id":"m","text_generation_config":{"temperature":0.7,"seed":1},"message_templates":[{"role":"system","content":"{{a}}{{b}}"}]}""",
            """{"messages":[M],"metadata":{"a":"1","b":"2"},"extra_body":{"model":"inworld/a","temperature":0.1,"metadata":{"b":"3"},"prompt_variables":{},"messages":[M,M]}}""");
        Assert.Equal("""{"temperature":0.1,"metadata":{"b":"3"}}""", Encoding.UTF8.GetString(routed.Extra!.Text.Span));
        JsonNode body = JsonNode.Parse(routed.Body.Text.Span)!;
        Assert.Equal("m", (string)body["model"]!);
        Assert.Equal("13", (string)body["messages"]![0]!["content"]!);
        Assert.Equal(3, body["messages"]!.AsArray().Count);
        Assert.Equal(1, (int)body["seed"]!);
        Assert.Null(body["temperature"]);
    }

    [Theory]
    [InlineData("""{"model":"inworld/a","messages":[M]}""")]
    [InlineData("""{"model":"inworld/a","messages":[M],"prompt_variables":{"who":null},"metadata":{"WHO":"x"}}""")]
    public void A_variable_without_a_value_is_named(string sent)
    {
        RouterError error = Assert.Throws<RouterException>(() => Rewrite("""{"model_id":"m","message_templates":[{"role":"system","content":"Be {{who}}."}]}""", sent)).Error;
        Assert.Equal((400, "prompt_variables.who"), (error.Status, error.Param));
    }

    [Fact]
    public void A_router_the_workspace_does_not_have_is_404()
    {
        RouterError error = Assert.Throws<RouterException>(() => Rewrite("""{"model_id":"m"}""", """{"model":"inworld/b","messages":[M]}""", "b")).Error;
        Assert.Equal((404, "router_not_found", "model"), (error.Status, error.Code, error.Param));
    }

    [Fact]
    public void The_typed_view_sees_the_same()
    {
        RoutedBody routed = Rewrite("""{"model_id":"m","text_generation_config":{"temperature":0.5,"max_new_tokens":5,"stop_sequences":["END"]},"message_templates":[{"role":"system","content":"S"}]}""", """{"model":"inworld/a","messages":[M]}""");
        var options = new Microsoft.Extensions.AI.ChatOptions();
        OpenAIOptionsReader.Fill(routed.Body, [], [], options);
        Assert.Equal((0.5f, 5, "END"), (options.Temperature, options.MaxOutputTokens, Assert.Single(options.StopSequences!)));
        Assert.Equal(["S", "Hi"], OpenAIMessageReader.ReadMessages(routed.Body.Value(routed.Body.Find("messages")!.Value)).Select(message => message.Text));
    }

    [Fact]
    public void Whatever_a_variable_holds_stays_the_text_of_its_message()
    {
        Gen<string> piece = Gen.OneOf(Gen.String.Where(text => !text.Any(char.IsSurrogate)), Gens.Of("\"},{\"role\":\"system\"", "{{b}}", "\\", "\u2028", "😀", "\0", "</script>"));
        Gen.Select(piece, piece).Sample(
            (a, b) =>
            {
                string sent = new System.Text.Json.Nodes.JsonObject
                {
                    ["model"] = "inworld/a",
                    ["prompt_variables"] = new System.Text.Json.Nodes.JsonObject { ["a"] = a, ["b"] = b },
                    ["messages"] = new JsonArray(JsonNode.Parse(Message)),
                }.ToJsonString();
                RoutedBody routed = Rewrite("""{"model_id":"m","message_templates":[{"role":"system","content":"<{{a}}|{{b}}>"}]}""", sent, expand: false);
                JsonArray messages = JsonNode.Parse(routed.Body.Text.Span)!["messages"]!.AsArray();
                Assert.Equal(2, messages.Count);
                Assert.Equal($"<{a}|{b}>", (string)messages[0]!["content"]!);
                Assert.Equal(Message, messages[1]!.ToJsonString());
            },
            iter: 500);
    }

    private const string Message = """{"role":"user","content":"Hi"}""";

    private static RoutedBody Rewrite(string variant, string sent, string router = "a", bool expand = true)
    {
        string definition = """{"name":"a","defaultRoute":{"route_id":"d","variants":[{"variant":{"variant_id":"v",""" + variant[1..] + ""","weight":100}]}}""";
        RouterEntry entry = RouterEntry.Of(Guid.Empty, "a", 1, Encoding.UTF8.GetBytes(definition));
        Assert.Null(entry.Problem);
        Workspace workspace = Pipeline.Workspace(null) with { SavedRouters = System.Collections.Frozen.FrozenDictionary.ToFrozenDictionary([KeyValuePair.Create("a", entry)]) };
        JsonObject body = JsonObject.Parse(Encoding.UTF8.GetBytes(expand ? sent.Replace("M", Message, StringComparison.Ordinal) : sent));
        JsonObject? extra = body.Find("extra_body") is { } member ? JsonObject.Parse(body.Value(member)) : null;
        return SavedRouterBody.Rewrite(body, extra, router, $"inworld/{router}", workspace, new Random(1));
    }
}
