using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Router.Core.Providers.OpenAI;

/// <summary>Writes one part of a message's content.</summary>
internal static class OpenAIPartWriter
{
    public static void Write(Utf8JsonWriter writer, AIContent part)
    {
        if (part.RawRepresentation is OpenAIRawJson raw)
        {
            writer.WriteRawValue(raw.Json.Span, skipInputValidation: true);
            return;
        }

        writer.WriteStartObject();
        switch (part)
        {
            case TextContent text:
                writer.WriteString("type", "text");
                writer.WriteString("text", text.Text);
                break;
            case DataContent data when data.HasTopLevelMediaType("image"):
                WriteImage(writer, data.Uri);
                break;
            case DataContent data when data.HasTopLevelMediaType("audio"):
                writer.WriteString("type", "input_audio");
                writer.WriteStartObject("input_audio");
                writer.WriteBase64String("data", data.Data.Span);
                writer.WriteString("format", data.MediaType[(data.MediaType.IndexOf('/', StringComparison.Ordinal) + 1)..]);
                writer.WriteEndObject();
                break;
            case DataContent data:
                writer.WriteString("type", "file");
                writer.WriteStartObject("file");
                writer.WriteString("filename", data.Name ?? "file");
                writer.WriteString("file_data", data.Uri);
                writer.WriteEndObject();
                break;
            case UriContent uri:
                WriteImage(writer, uri.Uri.AbsoluteUri);
                break;
        }

        writer.WriteEndObject();
    }

    private static void WriteImage(Utf8JsonWriter writer, string url)
    {
        writer.WriteString("type", "image_url");
        writer.WriteStartObject("image_url");
        writer.WriteString("url", url);
        writer.WriteEndObject();
    }
}
