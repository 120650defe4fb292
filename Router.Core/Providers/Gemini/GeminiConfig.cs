using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Router.Core.Providers.Gemini;

/// <summary>Writes <c>generationConfig</c> and <c>safetySettings</c>.</summary>
internal static class GeminiConfig
{
    public static void Write(Utf8JsonWriter writer, ChatOptions options, ExtraMembers extras, GeminiScope scope)
    {
        JsonElement own = extras.Take("google");
        writer.WriteStartObject("generationConfig");
        WriteSampling(writer, options, extras, scope);
        WriteFormat(writer, options.ResponseFormat);
        WriteModalities(writer, extras, scope);
        GeminiThinking.Write(writer, options, extras, GeminiJson.Member(own, "thinking_config"), scope);
        writer.WriteEndObject();
        WriteOwn(writer, own, scope);
    }

    private static void WriteSampling(Utf8JsonWriter writer, ChatOptions options, ExtraMembers extras, GeminiScope scope)
    {
        WriteNumber(writer, "temperature", options.Temperature);
        WriteNumber(writer, "topP", options.TopP);
        WriteNumber(writer, "presencePenalty", options.PresencePenalty);
        WriteNumber(writer, "frequencyPenalty", options.FrequencyPenalty);
        if (options.TopK is { } topK)
        {
            writer.WriteNumber("topK", topK);
        }
        else if (extras.Take("top_k") is { ValueKind: JsonValueKind.Number } number)
        {
            writer.WritePropertyName("topK");
            number.WriteTo(writer);
        }

        if (options.MaxOutputTokens is { } limit)
        {
            writer.WriteNumber("maxOutputTokens", limit);
        }

        switch (options.Seed)
        {
            case >= int.MinValue and <= int.MaxValue and { } seed:
                writer.WriteNumber("seed", seed);
                break;
            case not null:
                scope.Losses.Report("seed", "is larger than the 32 bits this dialect has and is left out");
                break;
        }

        if (options.StopSequences is { Count: > 0 } stops)
        {
            writer.WriteStartArray("stopSequences");
            foreach (string stop in stops)
            {
                writer.WriteStringValue(stop);
            }

            writer.WriteEndArray();
        }
    }

    private static void WriteFormat(Utf8JsonWriter writer, ChatResponseFormat? format)
    {
        if (format is not ChatResponseFormatJson json)
        {
            return;
        }

        writer.WriteString("responseMimeType", "application/json");
        if (json.Schema is { ValueKind: JsonValueKind.Object } schema)
        {
            writer.WritePropertyName("responseJsonSchema");
            schema.WriteTo(writer);
        }
    }

    private static void WriteModalities(Utf8JsonWriter writer, ExtraMembers extras, GeminiScope scope)
    {
        if (extras.Take("modalities") is not { ValueKind: JsonValueKind.Array } modalities)
        {
            return;
        }

        string[] asked = [.. modalities.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.String ? item.GetString()! : "")];
        if (asked is [] or ["text"])
        {
            return;
        }

        if (asked.Any(word => word is not ("text" or "image" or "audio")))
        {
            scope.Losses.Report("modalities", "names one this dialect does not know and is left out");
            return;
        }

        writer.WriteStartArray("responseModalities");
        foreach (string word in asked)
        {
            writer.WriteStringValue(word.ToUpperInvariant());
        }

        writer.WriteEndArray();
    }

    /// <summary>What a caller says to this vendor alone, under <c>google</c> as in the vendor's own OpenAI-compatible endpoint.</summary>
    private static void WriteOwn(Utf8JsonWriter writer, JsonElement own, GeminiScope scope)
    {
        if (GeminiJson.Member(own, "safety_settings") is { ValueKind: JsonValueKind.Array } settings)
        {
            writer.WritePropertyName("safetySettings");
            settings.WriteTo(writer);
        }

        if (own.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty member in own.EnumerateObject().Where(member => member.Name is not ("safety_settings" or "thinking_config")))
            {
                scope.Losses.Report($"google.{(member.Name.Length <= 40 ? member.Name : member.Name[..40])}", "is not carried and is left out");
            }
        }
    }

    private static void WriteNumber(Utf8JsonWriter writer, string name, float? value)
    {
        if (value is { } number)
        {
            // Through decimal, so that 0.1f is written as 0.1.
            writer.WriteNumber(name, (decimal)number);
        }
    }
}
