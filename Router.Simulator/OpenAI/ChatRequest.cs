using System.Text.Json.Nodes;
using Router.Simulator.Talk;
using Router.Simulator.Vendors;
using Router.Simulator.Wire;

namespace Router.Simulator.OpenAI;

/// <summary>Reads a chat completions body.</summary>
internal static class ChatRequest
{
    public static Failure? Refusal(JsonObject? body, Vendor vendor)
    {
        if (body is null)
            return vendor.BadRequest("We could not parse the JSON body of your request.");
        foreach (var rule in vendor.Rules)
        {
            if (rule.Broken(body))
                return rule.Failure;
        }

        if (vendor.Rules.Count == 0 && (BodyRules.MissingModel.Broken(body) || BodyRules.MissingMessages.Broken(body)))
            return vendor.BadRequest("Missing required parameter: 'model' or 'messages'.");
        if (vendor.Fields is { } fields && body.Select(p => p.Key).FirstOrDefault(name => !fields.Contains(name)) is { } extra)
            return vendor.ExtraField?.Invoke(extra);
        return null;
    }

    public static Prompt Read(JsonObject body)
    {
        var messages = BodyRules.Messages(body).ToList();
        var choice = body["tool_choice"];
        var format = body.Obj("response_format");
        return new Prompt
        {
            Model = body.Str("model")!,
            LastUser = Text(messages.LastOrDefault(m => m.Str("role") == "user")),
            ToolResults = [.. messages.AsEnumerable().Reverse().TakeWhile(m => m.Str("role") == "tool").Reverse().Select(Text)],
            Tools = [.. Tools(body)],
            ToolMode = choice switch
            {
                JsonObject => ToolMode.Required,
                JsonValue => (string?)choice switch { "none" => ToolMode.None, "required" or "any" => ToolMode.Required, _ => ToolMode.Auto },
                _ => ToolMode.Auto,
            },
            NamedTool = choice.Obj("function").Str("name"),
            Parallel = body["parallel_tool_calls"]?.ToJsonString() != "false",
            MaxTokens = body.Int("max_completion_tokens") ?? body.Int("max_tokens"),
            Stops = body["stop"] is JsonArray list ? [.. list.Select(s => (string?)s ?? "")] : body.Str("stop") is { } stop ? [stop] : [],
            Schema = format.Obj("json_schema").Obj("schema"),
            JsonMode = format.Str("type") is "json_object" or "json_schema",
            Reasons = body["reasoning_effort"] is { } effort && effort.ToJsonString() is not "\"none\"",
            Characters = messages.Sum(m => Text(m).Length),
        };
    }

    private static IEnumerable<OfferedTool> Tools(JsonObject body) =>
        from tool in body.Arr("tools") ?? []
        let function = tool.Obj("function")
        where function.Str("name") is not null
        select new OfferedTool(function.Str("name")!, function!["parameters"]);

    private static string Text(JsonObject? message) => message?["content"] switch
    {
        JsonArray parts => string.Concat(parts.Select(p => p.Str("text"))),
        JsonValue => message.Str("content") ?? "",
        _ => "",
    };
}
