using System.Text.Json;
using System.Text.Json.Nodes;
using Router.Simulator.Faults;
using Router.Simulator.Keys;
using Router.Simulator.Vendors;

namespace Router.Simulator;

/// <summary>The help page: what this simulator understands, as JSON.</summary>
internal static class SelfDescription
{
    public static JsonObject Build() => new()
    {
        ["what"] = "Simulated LLM providers. Address one as /{provider}{path of the real base url}; any other slug speaks the OpenAI dialect.",
        ["providers"] = new JsonArray([.. VendorTable.All.Select(v => (JsonNode)new JsonObject
        {
            ["slug"] = v.Slug,
            ["models"] = new JsonArray([.. v.Models.Select(m => (JsonNode)m)]),
        })]),
        ["routes"] = new JsonArray(
            "POST …/chat/completions", "POST …/messages", "POST …/messages/count_tokens",
            "POST …:generateContent", "POST …:streamGenerateContent[?alt=sse]", "POST …:countTokens",
            "POST …:rawPredict", "POST …:streamRawPredict", "POST …/token",
            "GET …/models", "GET …/models/{id}", "GET …/api-key", "GET …/me/rate_limit"),
        ["keys"] = new JsonObject
        {
            ["rule"] = "A key starts with sim- or contains -sim-; the word after it says how the key behaves; an unknown word works.",
            ["words"] = Words(),
            ["examples"] = new JsonArray("sim-good-1", "sk-sim-invalid", "sim-ratelimited-30", "sim-noaccess-gpt-4o"),
        },
        ["prompts"] = new JsonObject
        {
            ["tool, weather"] = "calls the first offered tool",
            ["parallel"] = "calls every offered tool",
            ["refuse"] = "refuses",
        },
        ["faults"] = new JsonObject
        {
            ["per request"] = "body field \"simulate\" or header x-simulate; {\"byKey\":{key:fault}} picks by key",
            ["per key"] = "PUT /_simulator/keys/{key} with a fault, or {\"script\":[fault,…]} for one request each; \"on\":\"chat\"|\"check\"",
            ["fields"] = new JsonArray([.. typeof(Fault).GetProperties()
                .Where(p => p.CanWrite).Select(p => (JsonNode)JsonNamingPolicy.CamelCase.ConvertName(p.Name))]),
        },
        ["journal"] = "GET /_simulator/journal[?key=&provider=&after=], DELETE /_simulator/journal",
    };

    private static JsonArray Words() => new(
        [.. Enum.GetValues<KeyWord>().Where(w => w >= KeyWord.Good).Select(w => (JsonNode)w.ToString().ToLowerInvariant())]);
}
