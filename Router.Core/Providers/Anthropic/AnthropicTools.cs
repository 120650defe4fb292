using System.Text.Json;
using Microsoft.Extensions.AI;
using Router.Core.Chat;

namespace Router.Core.Providers.Anthropic;

/// <summary>Tools and their choice.</summary>
internal static class AnthropicTools
{
    public static void Write(Utf8JsonWriter writer, ChatOptions options, AnthropicModel model, AnthropicFormat format, Losses losses)
    {
        AIFunctionDeclaration[] functions = options.Tools is { Count: > 0 } tools ? [.. tools.OfType<AIFunctionDeclaration>()] : [];
        if (functions.Length == 0 && !format.ByTool)
        {
            return;
        }

        writer.WriteStartArray("tools");
        foreach (AIFunctionDeclaration function in functions)
        {
            WriteTool(writer, function, model);
        }

        if (format.ByTool)
        {
            writer.WriteStartObject();
            writer.WriteString("name", AnthropicFormat.ToolName);
            writer.WriteString("description", "Answer with this tool.");
            WriteSchema(writer, format.Schema!.Value);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        WriteChoice(writer, options, model, format, losses);
    }

    private static void WriteTool(Utf8JsonWriter writer, AIFunctionDeclaration function, AnthropicModel model)
    {
        writer.WriteStartObject();
        writer.WriteString("name", function.Name);
        if (function.Description.Length > 0)
        {
            writer.WriteString("description", function.Description);
        }

        WriteSchema(writer, function.JsonSchema);
        if (model.NativeFormat && function.AdditionalProperties.TryGetValue("strict", out object? strict) && strict is true or JsonElement { ValueKind: JsonValueKind.True })
        {
            writer.WriteBoolean("strict", true);
        }

        if (function.AdditionalProperties.TryGetValue("cache_control", out object? mark) && mark is JsonElement { ValueKind: JsonValueKind.Object } cache)
        {
            writer.WritePropertyName("cache_control");
            cache.WriteTo(writer);
        }

        writer.WriteEndObject();
    }

    /// <summary>The schema's root must say that it is an object.</summary>
    private static void WriteSchema(Utf8JsonWriter writer, JsonElement schema)
    {
        writer.WritePropertyName("input_schema");
        if (schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("type", out _))
        {
            schema.WriteTo(writer);
            return;
        }

        writer.WriteStartObject();
        writer.WriteString("type", "object");
        if (schema.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty member in schema.EnumerateObject())
            {
                member.WriteTo(writer);
            }
        }

        writer.WriteEndObject();
    }

    private static void WriteChoice(Utf8JsonWriter writer, ChatOptions options, AnthropicModel model, AnthropicFormat format, Losses losses)
    {
        (string Type, string? Name)? choice = format.ByTool ? ("tool", AnthropicFormat.ToolName) : options.ToolMode switch
        {
            NoneChatToolMode => ("none", null),
            AutoChatToolMode => ("auto", null),
            RequiredChatToolMode { RequiredFunctionName: { } name } => ("tool", name),
            RequiredChatToolMode => ("any", null),
            _ => null,
        };
        if (choice is { Type: "any" or "tool" } && model.RefusesForcedTools)
        {
            losses.Report("tool_choice", "cannot force a call at this model and becomes auto");
            choice = ("auto", null);
        }

        bool oneAtATime = options.AllowMultipleToolCalls == false;
        if (oneAtATime)
        {
            choice ??= ("auto", null);
        }

        if (choice is not { } chosen)
        {
            return;
        }

        writer.WriteStartObject("tool_choice");
        writer.WriteString("type", chosen.Type);
        if (chosen.Name is not null)
        {
            writer.WriteString("name", chosen.Name);
        }

        if (oneAtATime && chosen.Type != "none")
        {
            writer.WriteBoolean("disable_parallel_tool_use", true);
        }

        writer.WriteEndObject();
    }
}
