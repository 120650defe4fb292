using System.Text.Json;
using Router.Core.Catalog;
using Router.Core.Chat;
using Router.Core.Providers.OpenAI;
using Router.Core.Routing;
using Router.Core.Wire;

namespace Router.Api.Dialects.OpenAI;

/// <summary>
/// What a request needs of a model, skimmed from its bytes: tools, a schema, images, audio, files, and how much text there
/// is. Nothing is decoded; links and encoded files do not count as text.
/// </summary>
internal static class RequestNeedsReader
{
    public static RequestNeeds Read(RequestMembers members)
    {
        ModelFeatures features = ModelFeatures.Text;
        features |= IsFilled(members, "tools") || IsFilled(members, "functions") ? ModelFeatures.Tools : 0;
        features |= members.Find("response_format") is { Kind: JsonTokenType.StartObject } format && HasSchema(format.Json.Span) ? ModelFeatures.ResponseSchema : 0;
        long bytes = members.Find("messages") is { } messages ? Skim(messages.Json.Span, ref features) : 0;
        ModelFeatures none = ModelFeatures.None;
        bytes += members.Find("tools") is { } tools ? Skim(tools.Json.Span, ref none) : 0;
        return new RequestNeeds(features, bytes);
    }

    /// <summary>About how many tokens the prompt is: what its messages say, the tools and the schema it brings, and what is no text.</summary>
    public static long PromptTokens(RequestMembers members)
    {
        var prompt = new OpenAIPromptLength();
        foreach (string name in (ReadOnlySpan<string>)["messages", "tools", "functions", "response_format"])
        {
            if (members.Find(name) is { Kind: JsonTokenType.StartArray or JsonTokenType.StartObject } member)
            {
                prompt.Add(member.Json.Span, schema: name != "messages");
            }
        }

        return TokenEstimate.Of(prompt.Characters, prompt.Media);
    }

    /// <summary>Whether a member says that the model is to reason, whichever vendor's it is.</summary>
    public static bool AsksToReason(RequestMembers members) =>
        members.Find("reasoning_effort") is { Kind: JsonTokenType.String } effort && !IsWord(effort.Json.Span, "none"u8) && !IsWord(effort.Json.Span, "minimal"u8)
        || members.Find("reasoning") is { Kind: JsonTokenType.StartObject }
        || members.Find("thinking") is { Kind: JsonTokenType.StartObject } thinking && thinking.Json.Span.IndexOf("\"disabled\""u8) < 0
        || members.Find("prompt_mode") is { Kind: JsonTokenType.String } mode && IsWord(mode.Json.Span, "reasoning"u8)
        || members.Find("google") is { Kind: JsonTokenType.StartObject } google && google.Json.Span.IndexOf("\"thinking_config\""u8) >= 0;

    /// <summary>How many tokens the answer may have; null where no member says so.</summary>
    public static int? MostTokens(RequestMembers members) => Count(members, "max_completion_tokens") ?? Count(members, "max_tokens");

    private static int? Count(RequestMembers members, string name)
    {
        if (members.Find(name) is not { Kind: JsonTokenType.Number } member)
        {
            return null;
        }

        Utf8JsonReader reader = ReaderOf(member.Json.Span);
        return reader.Read() && reader.TryGetInt32(out int count) ? count : null;
    }

    private static bool IsWord(ReadOnlySpan<byte> json, ReadOnlySpan<byte> word)
    {
        Utf8JsonReader reader = ReaderOf(json);
        return reader.Read() && reader.ValueTextEquals(word);
    }

    private static bool IsFilled(RequestMembers members, string name)
    {
        if (members.Find(name) is not { Kind: JsonTokenType.StartArray } list)
        {
            return false;
        }

        Utf8JsonReader reader = ReaderOf(list.Json.Span);
        reader.Read();
        return reader.Read() && reader.TokenType != JsonTokenType.EndArray;
    }

    private static bool HasSchema(ReadOnlySpan<byte> format)
    {
        Utf8JsonReader reader = ReaderOf(format);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool type = reader.ValueTextEquals("type"u8);
            reader.Read();
            if (type && reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("json_schema"u8))
            {
                return true;
            }

            reader.Skip();
        }

        return false;
    }

    /// <summary>The bytes of its strings. A part is known by the member that holds it, wherever its type stands.</summary>
    private static long Skim(ReadOnlySpan<byte> json, ref ModelFeatures features)
    {
        Utf8JsonReader reader = ReaderOf(json);
        long bytes = 0;
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.String)
            {
                bytes += TextBytes(ref reader);
            }
            else if (reader.TokenType == JsonTokenType.PropertyName && features != ModelFeatures.None)
            {
                ModelFeatures part = reader.ValueTextEquals("image_url"u8) ? ModelFeatures.Images
                    : reader.ValueTextEquals("input_audio"u8) ? ModelFeatures.Audio
                    : reader.ValueTextEquals("file"u8) ? ModelFeatures.Documents
                    : ModelFeatures.None;
                if (part != ModelFeatures.None)
                {
                    features |= part;
                    reader.Skip();
                }
            }
        }

        return bytes;
    }

    /// <summary>An escaped character counts as the two or three bytes it stands for, not as the six it is written with.</summary>
    private static long TextBytes(ref Utf8JsonReader reader)
    {
        int written = reader.ValueSpan.Length;
        return reader.ValueIsEscaped ? written - (4L * reader.ValueSpan.Count("\\u"u8)) : written;
    }

    private static Utf8JsonReader ReaderOf(ReadOnlySpan<byte> json) => new(json, JsonDepth.Reader);
}
