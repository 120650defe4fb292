using System.Text.Json;
using Microsoft.Extensions.AI;
using Router.Core.Chat;

namespace Router.Core.Providers.Gemini;

/// <summary>Writes <c>tools</c> and <c>toolConfig</c>. Schemas go as JSON Schema, unchanged.</summary>
internal static class GeminiTools
{
    public static void Write(Utf8JsonWriter writer, ChatOptions options, Losses losses)
    {
        if (options.Tools is not { Count: > 0 } tools)
        {
            return;
        }

        AIFunctionDeclaration[] functions = [.. tools.OfType<AIFunctionDeclaration>()];
        foreach (AITool other in tools.Where(tool => tool is not AIFunctionDeclaration))
        {
            losses.Report("tools", $"holds '{other.Name}', which is no function and is left out");
        }

        if (functions.Length == 0)
        {
            return;
        }

        writer.WriteStartArray("tools");
        writer.WriteStartObject();
        writer.WriteStartArray("functionDeclarations");
        foreach (AIFunctionDeclaration function in functions)
        {
            WriteFunction(writer, function);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteEndArray();
        WriteMode(writer, options.ToolMode, functions.Any(IsStrict));
        if (options.AllowMultipleToolCalls == false)
        {
            losses.Report("parallel_tool_calls", "cannot be switched off and is left out");
        }
    }

    private static void WriteFunction(Utf8JsonWriter writer, AIFunctionDeclaration function)
    {
        writer.WriteStartObject();
        writer.WriteString("name", function.Name);
        if (function.Description.Length > 0)
        {
            writer.WriteString("description", function.Description);
        }

        // A function that takes nothing has no schema at all: an empty object is refused by some models.
        if (TakesSomething(function.JsonSchema))
        {
            writer.WritePropertyName("parametersJsonSchema");
            function.JsonSchema.WriteTo(writer);
        }

        writer.WriteEndObject();
    }

    private static bool TakesSomething(JsonElement schema) =>
        schema.ValueKind == JsonValueKind.Object
        && (GeminiJson.Member(schema, "properties") is not { ValueKind: JsonValueKind.Object } properties
            ? schema.EnumerateObject().Any(member => member.Name is not ("type" or "additionalProperties" or "$schema" or "required" or "description" or "title"))
            : properties.EnumerateObject().Any());

    private static void WriteMode(Utf8JsonWriter writer, ChatToolMode? mode, bool strict)
    {
        (string? word, string? only) = mode switch
        {
            NoneChatToolMode => ("NONE", null),
            RequiredChatToolMode required => ("ANY", required.RequiredFunctionName),
            // Free to call or not, but what is called keeps to its schema.
            _ when strict => ("VALIDATED", null),
            AutoChatToolMode => ("AUTO", null),
            _ => ((string?)null, (string?)null),
        };
        if (word is null)
        {
            return;
        }

        writer.WriteStartObject("toolConfig");
        writer.WriteStartObject("functionCallingConfig");
        writer.WriteString("mode", word);
        if (only is not null)
        {
            writer.WriteStartArray("allowedFunctionNames");
            writer.WriteStringValue(only);
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static bool IsStrict(AIFunctionDeclaration function) =>
        function.AdditionalProperties.TryGetValue("strict", out object? value) && value is true or JsonElement { ValueKind: JsonValueKind.True };
}
