using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Router.Core.Providers.OpenAI;

/// <summary>The typed view of a message's <c>content</c>: a string, or a list of parts.</summary>
internal static class OpenAIPartReader
{
    public static void Add(List<AIContent> contents, JsonElement content)
    {
        if (content.ValueKind == JsonValueKind.String)
        {
            if (content.GetString() is { Length: > 0 } text)
            {
                contents.Add(new TextContent(text));
            }

            return;
        }

        if (content.ValueKind != JsonValueKind.Array)
        {
            return;
        }

        foreach (JsonElement part in content.EnumerateArray())
        {
            if (part.ValueKind == JsonValueKind.Object)
            {
                AIContent typed = Read(part);
                typed.RawRepresentation = OpenAIRawJson.Of(part);
                contents.Add(typed);
            }
        }
    }

    private static AIContent Read(JsonElement part) => Text(part, "type") switch
    {
        "text" => new TextContent(Text(part, "text")),
        "refusal" => new ErrorContent(Text(part, "refusal") ?? "") { ErrorCode = "refusal" },
        "thinking" => new TextReasoningContent(Thinking(part)),
        "image_url" when Image(part) is { } url => Link(url, "image/*"),
        "file" when part.TryGetProperty("file", out JsonElement file) && Text(file, "file_data") is { } data => Link(data, "application/pdf", Text(file, "filename")),
        "input_audio" when part.TryGetProperty("input_audio", out JsonElement audio) && Text(audio, "data") is { } data =>
            Link($"data:audio/{Text(audio, "format") ?? "wav"};base64,{data}", "audio/*"),
        // A kind of part this version does not know: only its bytes speak for it.
        _ => new AIContent(),
    };

    private static AIContent Link(string url, string mediaType, string? name = null)
    {
        try
        {
            return url.StartsWith("data:", StringComparison.OrdinalIgnoreCase)
                ? new DataContent(url) { Name = name }
                : new UriContent(url, mediaType);
        }
        catch (Exception e) when (e is UriFormatException or ArgumentException)
        {
            return new AIContent();
        }
    }

    private static string? Image(JsonElement part) =>
        !part.TryGetProperty("image_url", out JsonElement image) ? null
        : image.ValueKind == JsonValueKind.String ? image.GetString()
        : Text(image, "url");

    private static string Thinking(JsonElement part)
    {
        if (!part.TryGetProperty("thinking", out JsonElement thinking) || thinking.ValueKind != JsonValueKind.Array)
        {
            return Text(part, "thinking") ?? "";
        }

        return string.Concat(thinking.EnumerateArray().Select(piece => Text(piece, "text")));
    }

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
