using System.Text.Json;
using Microsoft.Extensions.AI;
using Router.Core.Chat;

namespace Router.Core.Providers.Gemini;

/// <summary>Writes the one member of a function's <c>response</c>: <c>output</c>, or <c>error</c> when the function failed.</summary>
internal static class GeminiToolResult
{
    public static void Write(Utf8JsonWriter writer, FunctionResultContent result, Losses losses)
    {
        switch (result.Result)
        {
            case null when result.Exception is { } failure:
                writer.WriteString("error", failure.Message);
                break;
            case null:
                writer.WriteString("output", "");
                break;
            case string text:
                writer.WriteString("output", text);
                break;
            case JsonElement { ValueKind: JsonValueKind.Array } parts when IsParts(parts):
                writer.WriteString("output", TextOf(parts, losses));
                break;
            case JsonElement element:
                writer.WritePropertyName("output");
                element.WriteTo(writer);
                break;
            default:
                writer.WritePropertyName("output");
                JsonSerializer.Serialize(writer, result.Result, AnyJson.TypeOf(result.Result.GetType()));
                break;
        }
    }

    private static bool IsParts(JsonElement array) => array.EnumerateArray().All(part => GeminiJson.Text(part, "type") is not null);

    private static string TextOf(JsonElement parts, Losses losses)
    {
        if (parts.EnumerateArray().Any(part => GeminiJson.Text(part, "type") != "text"))
        {
            losses.Report("messages.content", "of a tool message holds more than text; only its text is sent");
        }

        return string.Concat(parts.EnumerateArray().Select(part => GeminiJson.Text(part, "text")));
    }
}
