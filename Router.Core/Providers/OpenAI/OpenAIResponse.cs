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

        // An answer that is not whole was counted all the same.
        MeteredUsage? usage = OpenAIUsage.Read(ref body);
        if (skimmed.Choices is not { } skim)
        {
            throw Broken(http, usage, "The provider's answer holds no choices.");
        }

        if (provider.Quirks.ContentParts)
        {
            (body, skim) = Flatten(body, skim);
        }

        if (skim.Count == 0 || skim.Messages < skim.Count || skim.Open != 0)
        {
            throw Broken(http, usage, "The provider's answer is not complete.");
        }

        if (skim.Finish == "error")
        {
            throw Broken(http, usage, "The provider ended the answer with an error.");
        }

        var wire = new WireResponse(body, shared) { Characters = skim.Characters };
        return new ChatResponse(new Messages(wire))
        {
            RawRepresentation = wire,
            ResponseId = body.String("id"),
            ModelId = body.String("model"),
            FinishReason = skim.Finish is { } finish ? new ChatFinishReason(finish) : null,
            Usage = usage,
        };
    }

    /// <summary>Contents that came as parts become text; where there are any, the choices are skimmed anew.</summary>
    public static (JsonObject Body, OpenAIChoiceSkim Skim) Flatten(JsonObject body, OpenAIChoiceSkim skim)
    {
        JsonObject flat = OpenAIContentParts.Flatten(body);
        return ReferenceEquals(flat, body) ? (body, skim) : (flat, OpenAIChoiceSkim.Of(flat.Value(flat.Find("choices")!.Value).Span));
    }

    private static ProviderException Broken(HttpResponseMessage http, MeteredUsage? usage, string message) =>
        new(FailureClass.Transient, message) { Status = (int)http.StatusCode, Usage = usage };

    private sealed class Messages(WireResponse wire) : LazyList<ChatMessage>
    {
        protected override List<ChatMessage> Make() => OpenAIContents.ReadChoices(wire.Body.Value(wire.Body.Find("choices")!.Value));
    }
}
