using System.Text.Json.Nodes;
using Router.Simulator.Talk;
using Router.Simulator.Wire;

namespace Router.Simulator.Gemini;

/// <summary>Reads a generateContent body.</summary>
internal static class GenerateRequest
{
    public static Prompt Read(JsonObject body, string model)
    {
        var contents = Contents(body);
        var config = body.Obj("generationConfig");
        var thinking = config.Obj("thinkingConfig");
        var calling = body.Obj("toolConfig").Obj("functionCallingConfig");
        var allowed = calling.Arr("allowedFunctionNames");
        return new Prompt
        {
            Model = model,
            LastUser = Text(contents.LastOrDefault(c => c.Str("role") is "user" or null && Text(c).Length > 0)),
            ToolResults = [.. Parts(contents.LastOrDefault()).Where(p => p.Has("functionResponse")).Select(Result)],
            Tools = [.. Declarations(body).Select(d => new OfferedTool(d.Str("name") ?? "", d["parametersJsonSchema"] ?? d["parameters"]))],
            ToolMode = calling.Str("mode") switch { "NONE" => ToolMode.None, "ANY" => ToolMode.Required, _ => ToolMode.Auto },
            NamedTool = allowed is { Count: 1 } ? (string?)allowed[0] : null,
            MaxTokens = config.Int("maxOutputTokens"),
            Stops = [.. (config.Arr("stopSequences") ?? []).Select(s => (string?)s ?? "")],
            Schema = config.Obj("responseJsonSchema") ?? config.Obj("responseSchema"),
            JsonMode = config.Str("responseMimeType") == "application/json",
            Reasons = thinking.Int("thinkingBudget") is { } budget ? budget != 0 : thinking is not null || IsThinker(model),
            Characters = contents.Sum(c => Text(c).Length) + Text(body.Obj("systemInstruction")).Length,
        };
    }

    /// <summary>Gemini 3 and later always think and sign their function calls.</summary>
    public static bool IsThinker(string model) => model.StartsWith("gemini-", StringComparison.Ordinal) && model.Length > 7 && model[7] >= '3';

    public static List<JsonObject> Contents(JsonObject body) => [.. (body.Arr("contents") ?? []).OfType<JsonObject>()];

    public static IEnumerable<JsonObject> Parts(JsonObject? content) => content.Arr("parts")?.OfType<JsonObject>() ?? [];

    public static IEnumerable<JsonObject> Declarations(JsonObject body) =>
        (body.Arr("tools") ?? []).SelectMany(t => t.Arr("functionDeclarations")?.OfType<JsonObject>() ?? []);

    private static string Text(JsonObject? content) => string.Concat(Parts(content).Select(p => p.Str("text")));

    private static string Result(JsonObject part)
    {
        var response = part.Obj("functionResponse").Obj("response");
        return response.Str("output") ?? response.Str("error") ?? response?.ToJsonString() ?? "";
    }
}
