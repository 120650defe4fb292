using System.Text.Json;
using Microsoft.Extensions.AI;
using Router.Core.Failures;
using Router.Core.Keys;
using Router.Core.Wire;

namespace Router.Core.Providers.OpenAI;

/// <summary>Reads answers and chunks: a skim for what the router must know, the typed contents only for who asks.</summary>
internal static class OpenAIResponse
{
    /// <exception cref="ProviderException">The body is no completion, or not the whole of one, whatever its status says.</exception>
    /// <param name="shared">Holds the body at its beginning; the answer's from now on.</param>
    /// <param name="length">Of the body, in bytes.</param>
    public static ChatResponse Read(byte[] shared, int length, HttpResponseMessage http, ProviderDefinition provider, Secret? key)
    {
        var skimmed = default(OpenAIBodySkim);
        if (!JsonObject.TryParse(shared.AsMemory(0, length), ref skimmed, out JsonObject? body))
        {
            throw new ProviderException(FailureClass.Transient, "The provider's answer is not valid JSON.") { Status = (int)http.StatusCode };
        }

        if (OpenAIErrors.InStream(body, http, provider, key) is { } failure)
        {
            throw failure;
        }

        if (skimmed.Choices is not { } skim)
        {
            throw new ProviderException(FailureClass.Transient, "The provider's answer holds no choices.") { Status = (int)http.StatusCode };
        }

        if (provider.Quirks.ContentParts)
        {
            (body, skim) = Flatten(body, skim);
        }

        if (skim.Count == 0 || skim.Messages < skim.Count || skim.Open != 0)
        {
            throw new ProviderException(FailureClass.Transient, "The provider's answer is not complete.") { Status = (int)http.StatusCode };
        }

        if (skim.Finish == "error")
        {
            throw new ProviderException(FailureClass.Transient, "The provider ended the answer with an error.") { Status = (int)http.StatusCode };
        }

        var wire = new WireResponse(body, shared);
        return new ChatResponse(new Messages(wire))
        {
            RawRepresentation = wire,
            ResponseId = body.String("id"),
            ModelId = body.String("model"),
            FinishReason = skim.Finish is { } finish ? new ChatFinishReason(finish) : null,
            Usage = Usage(body),
        };
    }

    /// <summary>Contents that came as parts become text; where there are any, the choices are skimmed anew.</summary>
    public static (JsonObject Body, OpenAIChoiceSkim Skim) Flatten(JsonObject body, OpenAIChoiceSkim skim)
    {
        JsonObject flat = OpenAIContentParts.Flatten(body);
        return ReferenceEquals(flat, body) ? (body, skim) : (flat, OpenAIChoiceSkim.Of(flat.Value(flat.Find("choices")!.Value).Span));
    }

    /// <summary>Token counts in the terms of Microsoft.Extensions.AI; null when the body has none.</summary>
    public static UsageDetails? Usage(JsonObject body)
    {
        if (body.Find("usage") is not { Kind: JsonTokenType.StartObject } member)
        {
            return null;
        }

        var usage = new UsageDetails();
        var reader = new Utf8JsonReader(body.Value(member).Span, JsonDepth.Reader);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (JsonReading.Is(ref reader, "prompt_tokens"u8))
            {
                usage.InputTokenCount = Count(ref reader);
            }
            else if (JsonReading.Is(ref reader, "completion_tokens"u8))
            {
                usage.OutputTokenCount = Count(ref reader);
            }
            else if (JsonReading.Is(ref reader, "total_tokens"u8))
            {
                usage.TotalTokenCount = Count(ref reader);
            }
            else if (JsonReading.Is(ref reader, "prompt_tokens_details"u8))
            {
                usage.CachedInputTokenCount = Count(ref reader, "cached_tokens"u8);
            }
            else if (JsonReading.Is(ref reader, "completion_tokens_details"u8))
            {
                usage.ReasoningTokenCount = Count(ref reader, "reasoning_tokens"u8);
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        return usage;
    }

    /// <summary>The number after the name the reader stands at; null when it is none.</summary>
    private static long? Count(ref Utf8JsonReader reader)
    {
        reader.Read();
        long? count = reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out long number) ? number : null;
        reader.Skip();
        return count;
    }

    /// <summary>That of a member of the object after the name the reader stands at.</summary>
    private static long? Count(ref Utf8JsonReader reader, ReadOnlySpan<byte> member)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return null;
        }

        long? count = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (JsonReading.Is(ref reader, member))
            {
                count = Count(ref reader);
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        return count;
    }

    private sealed class Messages(WireResponse wire) : LazyList<ChatMessage>
    {
        protected override List<ChatMessage> Make() => OpenAIContents.ReadChoices(wire.Body.Value(wire.Body.Find("choices")!.Value));
    }
}
