using System.Buffers.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Router.Core.Wire;

namespace Router.Core.Providers.OpenAI;

/// <summary>Reads the few members of a request that telemetry shows. It never fails: what is not as it should be is the provider's to refuse.</summary>
public static class OpenAISampling
{
    private static readonly ChatResponseFormat AnyJson = ChatResponseFormat.Json;

    public static ChatOptions Read(WireRequest request)
    {
        var options = new ChatOptions();
        foreach (ref readonly JsonMember member in request.Body.Members)
        {
            Set(options, member.Name, request.Body.Text.Span[member.ValueStart..member.ValueEnd]);
        }

        foreach ((string name, ReadOnlyMemory<byte> json) in request.Lifted)
        {
            Set(options, name, json.Span);
        }

        return options;
    }

    private static void Set(ChatOptions options, string name, ReadOnlySpan<byte> json)
    {
        switch (name)
        {
            case "temperature":
                options.Temperature = Number(json) ?? options.Temperature;
                break;
            case "top_p":
                options.TopP = Number(json) ?? options.TopP;
                break;
            case "top_k":
                options.TopK = (int?)Integer(json, int.MaxValue) ?? options.TopK;
                break;
            case "frequency_penalty":
                options.FrequencyPenalty = Number(json) ?? options.FrequencyPenalty;
                break;
            case "presence_penalty":
                options.PresencePenalty = Number(json) ?? options.PresencePenalty;
                break;
            case "max_tokens":
                options.MaxOutputTokens ??= (int?)Integer(json, int.MaxValue);
                break;
            case "max_completion_tokens":
                options.MaxOutputTokens = (int?)Integer(json, int.MaxValue) ?? options.MaxOutputTokens;
                break;
            case "seed":
                options.Seed = Integer(json, long.MaxValue) ?? options.Seed;
                break;
            case "stop":
                options.StopSequences = Stops(json) ?? options.StopSequences;
                break;
            case "response_format":
                options.ResponseFormat = Format(json) ?? options.ResponseFormat;
                break;
        }
    }

    private static float? Number(ReadOnlySpan<byte> json) =>
        Utf8Parser.TryParse(json, out float number, out int read) && read == json.Length && float.IsFinite(number) ? number : null;

    private static long? Integer(ReadOnlySpan<byte> json, long most) =>
        Utf8Parser.TryParse(json, out long number, out int read) && read == json.Length && number <= most ? number : null;

    /// <summary>A stop sequence is content of a kind; a span shows no more of it than conventions name, and no long ones.</summary>
    private static List<string>? Stops(ReadOnlySpan<byte> json)
    {
        const int MostBytes = 256;
        if (json.Length > MostBytes)
        {
            return null;
        }

        try
        {
            Utf8JsonReader reader = Reader(json);
            reader.Read();
            if (reader.TokenType == JsonTokenType.String)
            {
                return [reader.GetString()!];
            }

            List<string> stops = [];
            while (reader.TokenType is JsonTokenType.StartArray or JsonTokenType.String && reader.Read() && reader.TokenType == JsonTokenType.String)
            {
                stops.Add(reader.GetString()!);
            }

            return stops.Count > 0 && reader.TokenType == JsonTokenType.EndArray ? stops : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static ChatResponseFormat? Format(ReadOnlySpan<byte> json)
    {
        try
        {
            return FormatType(json);
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair in a name or the type.
            return null;
        }
    }

    private static Utf8JsonReader Reader(ReadOnlySpan<byte> json) => new(json, JsonDepth.Reader);

    private static ChatResponseFormat? FormatType(ReadOnlySpan<byte> json)
    {
        Utf8JsonReader reader = Reader(json);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return null;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isType = reader.ValueTextEquals("type"u8);
            reader.Read();
            if (isType && reader.TokenType == JsonTokenType.String)
            {
                return reader.ValueTextEquals("text"u8) ? ChatResponseFormat.Text
                    : reader.ValueTextEquals("json_object"u8) || reader.ValueTextEquals("json_schema"u8) ? AnyJson
                    : null;
            }

            reader.Skip();
        }

        return null;
    }
}
