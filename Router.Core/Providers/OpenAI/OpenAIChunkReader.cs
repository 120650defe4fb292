using System.Text.Json;
using Microsoft.Extensions.AI;
using Router.Core.Wire;

namespace Router.Core.Providers.OpenAI;

/// <summary>Reads the chunks of one stream: a skim for what the router must know, the typed contents only for who asks.</summary>
/// <param name="contentParts">The provider may send content as a list of parts.</param>
internal sealed class OpenAIChunkReader(bool contentParts)
{
    private readonly RepeatedText _id = new();
    private readonly RepeatedText _model = new();
    private OpenAIBodySkim _skim;

    /// <summary>The next chunk, for <see cref="Read"/>. False for what is no JSON object.</summary>
    public bool TryParse(ReadOnlyMemory<byte> data, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out JsonObject? chunk)
    {
        _skim = default;
        return JsonObject.TryParse(data, ref _skim, out chunk);
    }

    /// <summary>Whether it is a part of an answer; a gateway may put in events of its own.</summary>
    public static bool IsChunk(JsonObject body) =>
        body.Find("choices") is not null || body.Find("usage") is not null || body.Is("object", "chat.completion.chunk"u8);

    /// <summary>What the chunk parsed last says.</summary>
    public ChatResponseUpdate Read(JsonObject chunk)
    {
        OpenAIChoiceSkim skim = _skim.Choices.GetValueOrDefault();
        if (contentParts && _skim.Choices is not null)
        {
            (chunk, skim) = OpenAIResponse.Flatten(chunk, skim);
        }

        bool counts = chunk.Find("usage") is { Kind: JsonTokenType.StartObject };
        MeteredUsage? usage = counts ? OpenAIUsage.Read(ref chunk) : null;
        return new ChatResponseUpdate(ChatRole.Assistant, new Deltas(chunk, usage))
        {
            RawRepresentation = new WireChunk(chunk, skim.HasContent, skim.Finish is not null, usage is not null, counts && !skim.HasContent && skim.Finish is null, skim.Open, skim.Finished) { Characters = skim.Characters },
            ResponseId = _id.Of(chunk, "id"),
            ModelId = _model.Of(chunk, "model"),
            FinishReason = skim.Finish is { } finish ? new ChatFinishReason(finish) : null,
        };
    }

    private sealed class Deltas(JsonObject chunk, UsageDetails? usage) : LazyList<AIContent>
    {
        protected override List<AIContent> Make() => OpenAIContents.ReadDeltas(chunk, usage);
    }
}
