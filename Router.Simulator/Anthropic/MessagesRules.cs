using System.Text.Json.Nodes;
using Router.Simulator.Keys;
using Router.Simulator.Wire;

namespace Router.Simulator.Anthropic;

/// <summary>What the vendor refuses in a Messages body: the first broken rule's message.</summary>
internal static class MessagesRules
{
    private const int LeastThinkingBudget = 1024;

    public static string? Broken(JsonObject? body, string key, string? model, bool onVertex)
    {
        if (body is null)
            return "The request body is not valid JSON";
        if (onVertex && body.Str("anthropic_version") is not "vertex-2023-10-16")
            return "anthropic_version: Field required";
        if (onVertex && body.Has("model"))
            return "model: Extra inputs are not permitted";
        if (model is null)
            return "model: Field required";
        if (body.Int("max_tokens") is not { } limit || limit < 0)
            return "max_tokens: Field required";
        if (body.Arr("messages") is not { Count: > 0 })
            return "messages: at least one message is required";
        return Turns(MessagesRequest.Turns(body), key, new ClaudeModel(model)) ?? Options(body, limit, new ClaudeModel(model));
    }

    private static string? Turns(List<JsonObject> messages, string key, ClaudeModel model)
    {
        if (messages[0].Str("role") != "user")
            return "messages: first message must use the \"user\" role";
        var calls = new List<string>();
        for (var i = 0; i < messages.Count; i++)
        {
            var role = messages[i].Str("role");
            if (role is not ("user" or "assistant") && !(role == "system" && model.TakesSystemTurns))
                return $"messages.{i}.role: Input should be 'user' or 'assistant'";
            if (Blocks(messages[i], i, role, key, calls) is { } problem)
                return problem;
        }

        if (calls.Count > 0)
            return $"messages.{messages.Count - 1}: `tool_use` ids were found without `tool_result` blocks immediately after: {string.Join(", ", calls)}.";
        return messages[^1].Str("role") == "assistant" && !model.TakesPrefill
            ? "This model does not support assistant message prefill. The conversation must end with a user message."
            : null;
    }

    /// <summary>Checks one turn; <paramref name="calls"/> are the tool calls still without a result.</summary>
    private static string? Blocks(JsonObject message, int index, string? role, string key, List<string> calls)
    {
        if (message["content"] is JsonValue text && (string?)text == "")
            return $"messages.{index}: user messages must have non-empty content";
        var blocks = MessagesRequest.Blocks(message).ToList();
        if (role == "user" && calls.Count > 0)
        {
            var results = blocks.TakeWhile(b => b.Str("type") == "tool_result").Select(b => b.Str("tool_use_id")).ToList();
            var missing = calls.Except(results).ToList();
            if (missing.Count > 0)
                return $"messages.{index}: `tool_use` ids were found without `tool_result` blocks immediately after: {string.Join(", ", missing)}. Each `tool_use` block must have a corresponding `tool_result` block in the next message.";
            calls.Clear();
        }
        else if (role == "user" && blocks.Any(b => b.Str("type") == "tool_result"))
        {
            return $"messages.{index}.content.0: unexpected `tool_use_id` found in `tool_result` blocks. Each `tool_result` block must have a corresponding `tool_use` block in the previous message.";
        }

        for (var i = 0; i < blocks.Count; i++)
        {
            if (blocks[i].Str("type") == "text" && string.IsNullOrEmpty(blocks[i].Str("text")))
                return $"messages.{index}: text content blocks must be non-empty";
            if (blocks[i].Str("type") == "thinking" && !Signatures.WasIssuedTo(key, blocks[i].Str("signature") ?? ""))
                return $"messages.{index}.content.{i}: Invalid `signature` in `thinking` block";
            if (role == "assistant" && blocks[i].Str("type") == "tool_use")
                calls.Add(blocks[i].Str("id") ?? "");
        }

        return null;
    }

    private static string? Options(JsonObject body, int limit, ClaudeModel model)
    {
        var thinking = body.Obj("thinking");
        var kind = thinking.Str("type");
        if (kind is not null && !model.TakesThinking(kind))
            return $"thinking.type: \"{kind}\" is not supported for this model.";
        if (kind == "enabled" && thinking.Int("budget_tokens") is not >= LeastThinkingBudget)
            return "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024";
        if (kind == "enabled" && thinking.Int("budget_tokens") >= limit)
            return "`max_tokens` must be greater than `thinking.budget_tokens`.";
        if (body.Has("temperature") && body.Has("top_p"))
            return "`temperature` and `top_p` cannot both be specified for this model. Please use only one.";
        if (model.FixesSampling && ((body["temperature"]?.ToJsonString() ?? "1") is not ("1" or "1.0") || body.Has("top_p") || body.Has("top_k")))
            return "`temperature`, `top_p` and `top_k` are not supported for this model.";
        if (kind == "enabled" && LacksThought(MessagesRequest.Turns(body)))
            return "messages: Expected `thinking` or `redacted_thinking`, but found `tool_use`. When `thinking` is enabled, a final `assistant` message must start with a thinking block.";
        if (!model.TakesForcedTools && body.Obj("tool_choice").Str("type") is "any" or "tool")
            return "tool_choice: forced tool use is not supported for this model.";
        return (body.Arr("tools") ?? []).Any(t => !t.Has("type") && t.Obj("input_schema").Str("type") != "object")
            ? "tools.0.custom.input_schema.type: Input should be 'object'"
            : null;
    }

    /// <summary>The tool calls of the last assistant turn came back without the thinking that led to them.</summary>
    private static bool LacksThought(List<JsonObject> messages)
    {
        var blocks = MessagesRequest.Blocks(messages.LastOrDefault(m => m.Str("role") == "assistant")).ToList();
        return blocks.Any(b => b.Str("type") == "tool_use") && blocks[0].Str("type") is not ("thinking" or "redacted_thinking");
    }
}
