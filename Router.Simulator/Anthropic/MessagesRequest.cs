using System.Text.Json.Nodes;
using Router.Simulator.Talk;
using Router.Simulator.Wire;

namespace Router.Simulator.Anthropic;

/// <summary>Reads a Messages body.</summary>
internal static class MessagesRequest
{
    public static Prompt Read(JsonObject body, string model)
    {
        var messages = Turns(body);
        var last = messages[^1];
        var choice = body.Obj("tool_choice");
        var schema = body.Obj("output_config").Obj("format").Obj("schema");
        return new Prompt
        {
            Model = model,
            LastUser = Text(messages.LastOrDefault(m => m.Str("role") == "user" && Text(m).Length > 0)),
            ToolResults = [.. Blocks(last).Where(b => b.Str("type") == "tool_result").Select(ResultText)],
            Tools = [.. (body.Arr("tools") ?? []).Where(t => t.Str("name") is not null).Select(t => new OfferedTool(t.Str("name")!, t.Obj("input_schema")))],
            ToolMode = choice.Str("type") switch { "none" => ToolMode.None, "any" or "tool" => ToolMode.Required, _ => ToolMode.Auto },
            NamedTool = choice.Str("name"),
            Parallel = !choice.Flag("disable_parallel_tool_use"),
            MaxTokens = body.Int("max_tokens"),
            Stops = [.. (body.Arr("stop_sequences") ?? []).Select(s => (string?)s ?? "")],
            Schema = schema,
            Reasons = body.Obj("thinking").Str("type") is { } kind ? kind != "disabled" : new ClaudeModel(model).ThinksByDefault,
            Characters = messages.Sum(m => Text(m).Length) + SystemLength(body["system"]),
        };
    }

    public static List<JsonObject> Turns(JsonObject body) => [.. (body.Arr("messages") ?? []).OfType<JsonObject>()];

    public static IEnumerable<JsonObject> Blocks(JsonObject? message) => message.Arr("content")?.OfType<JsonObject>() ?? [];

    private static string Text(JsonObject? message) => message.Str("content")
        ?? string.Concat(Blocks(message).Where(b => b.Str("type") == "text").Select(b => b.Str("text")));

    private static string ResultText(JsonObject block) => block.Str("content")
        ?? string.Concat((block.Arr("content") ?? []).Select(b => b.Str("text")));

    private static int SystemLength(JsonNode? system) => system switch
    {
        JsonArray blocks => blocks.Sum(b => b.Str("text")?.Length ?? 0),
        JsonValue => ((string?)system)?.Length ?? 0,
        _ => 0,
    };
}
