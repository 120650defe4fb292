using System.Text;
using System.Text.Json.Nodes;
using Router.Core.Routing.SavedRouters;
using Router.Core.Wire;
using JsonObject = System.Text.Json.Nodes.JsonObject;

namespace Router.Tests.Routing.SavedRouters;

/// <summary>Definitions the tests share.</summary>
internal static class Definitions
{
    /// <summary>Everything there is, in the original's spelling.</summary>
    public const string Whole = """
        {
          "name": "routers/whole", "displayName": "Whole 😀",
          "defaults": {
            "text_generation_config": {"temperature": 0.70, "max_new_tokens": 512, "stop_sequences": ["END"], "seed": 7},
            "message_templates": [{"role": "system", "content": "Speak {{language}}."}],
            "optimize_prompt": true
          },
          "routes": [
            {
              "route": {"route_id": "premium", "variants": [
                {"variant": {"variant_id": "big", "model_id": "openai/gpt-4o", "text_generation_config": {"temperature": 1, "reasoning": {"effort": "high", "exclude": true}, "logit_bias": [{"token_id": "50256", "bias_value": -100}], "min_p": 0.05}}, "weight": 60},
                {"variant": {"variant_id": "pool", "model_selection": {"models": ["openai", "groq"], "sort": [{"metric": "SORT_METRIC_PRICE", "direction": "SORT_DIRECTION_ASCENDING"}, "latency"], "ignore": ["openai/gpt-4"], "provider": {"order": ["groq"], "allow_fallbacks": false}}}, "weight": 40}
              ]},
              "condition": {"cel_expression": "metadata.tier == \"premium\""}
            },
            {
              "route": {"route_id": "tools", "variants": [
                {"variant": {"variant_id": "one", "model_id": "groq/openai/gpt-oss-120b", "message_templates": [
                  {"role": "user", "content_items": [{"text": "Now {{ day }}."}]},
                  {"role": "assistant", "tool_calls": [{"id": "c1", "name": "look", "args": "{\"at\":1}"}]},
                  {"role": "tool", "content": "seen", "tool_call_id": "c1"}
                ], "web_search": {"engine": "exa", "max_results": 3}}, "weight": 100}
              ]},
              "condition": {"cel_expression": "size(tools) > 0"}
            }
          ],
          "defaultRoute": {"route_id": "default", "variants": [{"variant": {"variant_id": "mini", "model_id": "openai/gpt-4o-mini"}, "weight": 100}]}
        }
        """;

    public static SavedRouterReading Read(string json) => SavedRouterReader.Read(Encoding.UTF8.GetBytes(json));

    public static SavedRouter Router(string json)
    {
        SavedRouterReading reading = Read(json);
        Assert.True(reading.Router is not null, reading.Describe());
        return reading.Router;
    }

    public static string Write(SavedRouter router) => Encoding.UTF8.GetString(JsonText.Write(writer => SavedRouterWriter.Write(writer, router)));

    /// <summary>A router of one route that always serves, with a variant for each weight: v0, v1, ….</summary>
    public static string Weighted(string name, params int[] weights) => new JsonObject
    {
        ["name"] = name,
        ["defaultRoute"] = new JsonObject
        {
            ["route_id"] = "default",
            ["variants"] = new JsonArray([.. weights.Select((weight, i) => new JsonObject
            {
                ["variant"] = new JsonObject { ["variant_id"] = $"v{i}", ["model_id"] = "openai/gpt-4o" },
                ["weight"] = weight,
            })]),
        },
    }.ToJsonString();

    /// <summary>A router of routes r0, r1, … with these conditions, and no default route unless asked for.</summary>
    public static string Conditional(string name, string? fallback, params string[] conditions)
    {
        var router = new JsonObject
        {
            ["name"] = name,
            ["routes"] = new JsonArray([.. conditions.Select((condition, i) => new JsonObject
            {
                ["route"] = Single($"r{i}"),
                ["condition"] = new JsonObject { ["cel_expression"] = condition },
            })]),
        };
        if (fallback is not null)
        {
            router["defaultRoute"] = Single(fallback);
        }

        return router.ToJsonString();
    }

    private static JsonObject Single(string id) => JsonNode.Parse(
        $$"""{"route_id":"{{id}}","variants":[{"variant":{"variant_id":"only","model_id":"openai/gpt-4o"},"weight":100}]}""")!.AsObject();
}
