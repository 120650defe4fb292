using System.Text.Json;
using Microsoft.Extensions.AI;
using Router.Core.Failures;
using Router.Core.Providers.OpenAI;
using Router.Core.Wire;

namespace Router.Core.Providers.Gemini;

/// <summary>
/// Writes images, audio and files. Data goes along; an address goes only where the vendor fetches it by itself. The router
/// never fetches one: a caller's address may lead into the router's own network.
/// </summary>
internal sealed class GeminiMedia(GeminiScope scope)
{
    private const string StudioFiles = "https://generativelanguage.googleapis.com/";

    private static readonly Dictionary<string, string> TypesByExtension = new(StringComparer.OrdinalIgnoreCase)
    {
        [".png"] = "image/png",
        [".jpg"] = "image/jpeg",
        [".jpeg"] = "image/jpeg",
        [".webp"] = "image/webp",
        [".gif"] = "image/gif",
        [".heic"] = "image/heic",
        [".heif"] = "image/heif",
        [".pdf"] = "application/pdf",
        [".txt"] = "text/plain",
        [".mp3"] = "audio/mp3",
        [".wav"] = "audio/wav",
        [".flac"] = "audio/flac",
        [".mp4"] = "video/mp4",
        [".webm"] = "video/webm",
    };

    /// <summary>The part; null when the content is of a kind the dialect has no place for, which is reported.</summary>
    /// <exception cref="RouterException">An address that neither the vendor nor the router fetches.</exception>
    public GeminiPart? Part(AIContent content)
    {
        switch (content)
        {
            case DataContent data:
                return new GeminiPart(writer =>
                {
                    writer.WriteStartObject("inlineData");
                    writer.WriteString("mimeType", data.MediaType);
                    writer.WriteString("data", data.Base64Data.Span);
                    writer.WriteEndObject();
                });
            case UriContent { Uri: { } uri } link:
                if (!MayName(uri))
                {
                    throw new RouterException(RouterError.InvalidRequest(
                        $"{scope.Provider.DisplayName} does not fetch this address with the key that serves, and the router fetches none. Send the file itself as a data: URL.", "messages"));
                }

                return new GeminiPart(writer =>
                {
                    writer.WriteStartObject("fileData");
                    writer.WriteString("mimeType", MediaType(uri, link.MediaType));
                    writer.WriteString("fileUri", uri.OriginalString);
                    writer.WriteEndObject();
                });
            default:
                scope.Losses.Report($"messages.content.{Kind(content)}", "is a part this dialect has no place for and is left out");
                return null;
        }
    }

    private bool MayName(Uri uri) =>
        !uri.IsAbsoluteUri ? false
        // What lies in the key owner's storage is for the key's owner to name.
        : uri.Scheme == "gs" ? scope.Traits.FetchesUrls && scope.OwnStorage
        : uri.Scheme != Uri.UriSchemeHttps ? false
        : IsYouTube(uri) || (uri.AbsoluteUri.StartsWith(StudioFiles, StringComparison.Ordinal) ? !scope.Traits.FetchesUrls && scope.OwnStorage : scope.Traits.FetchesUrls);

    private static bool IsYouTube(Uri uri) => uri.Host is "www.youtube.com" or "youtube.com" or "m.youtube.com" or "youtu.be";

    private static string MediaType(Uri uri, string declared) =>
        !declared.EndsWith('*') ? declared
        : IsYouTube(uri) ? "video/mp4"
        : TypesByExtension.GetValueOrDefault(Path.GetExtension(uri.AbsolutePath), "image/jpeg");

    private static string Kind(AIContent content)
    {
        if (content.RawRepresentation is not OpenAIRawJson raw)
        {
            return content.GetType().Name;
        }

        using JsonDocument part = JsonDocument.Parse(raw.Json, JsonDepth.Document);
        string kind = GeminiJson.Text(part.RootElement, "type") ?? "unknown";
        return kind.Length <= 40 ? kind : kind[..40];
    }
}
