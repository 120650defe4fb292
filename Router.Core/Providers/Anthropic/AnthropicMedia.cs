using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Router.Core.Chat;

namespace Router.Core.Providers.Anthropic;

/// <summary>Images and documents.</summary>
internal static class AnthropicMedia
{
    private static readonly string[] Images = ["image/jpeg", "image/png", "image/gif", "image/webp"];

    public static Action<Utf8JsonWriter>? Block(AIContent content, JsonElement cache, Losses losses)
    {
        switch (content)
        {
            case DataContent data when Images.Contains(data.MediaType):
                return Write("image", null, cache, source => Base64(source, data));
            case DataContent { MediaType: "application/pdf" } data:
                return Write("document", data.Name, cache, source => Base64(source, data));
            case DataContent { MediaType: "text/plain" } data:
                return Write("document", data.Name, cache, source =>
                {
                    source.WriteString("type", "text");
                    source.WriteString("media_type", "text/plain");
                    source.WriteString("data", Encoding.UTF8.GetString(data.Data.Span));
                });
            case UriContent { MediaType: "application/pdf" } uri:
                return Write("document", null, cache, source => Url(source, uri));
            case UriContent uri when uri.HasTopLevelMediaType("image"):
                return Write("image", null, cache, source => Url(source, uri));
            default:
                losses.Report("messages", "holds media of a type the provider does not take, which is left out");
                return null;
        }
    }

    private static Action<Utf8JsonWriter> Write(string type, string? title, JsonElement cache, Action<Utf8JsonWriter> source) => writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("type", type);
        writer.WriteStartObject("source");
        source(writer);
        writer.WriteEndObject();
        if (title is not null)
        {
            writer.WriteString("title", title);
        }

        AnthropicCache.Write(writer, cache);
        writer.WriteEndObject();
    };

    private static void Base64(Utf8JsonWriter writer, DataContent data)
    {
        writer.WriteString("type", "base64");
        writer.WriteString("media_type", data.MediaType);
        writer.WriteBase64String("data", data.Data.Span);
    }

    private static void Url(Utf8JsonWriter writer, UriContent uri)
    {
        writer.WriteString("type", "url");
        writer.WriteString("url", uri.Uri.AbsoluteUri);
    }
}
