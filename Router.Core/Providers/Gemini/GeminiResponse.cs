using Microsoft.Extensions.AI;
using Router.Core.Failures;
using Router.Core.Keys;
using Router.Core.Wire;

namespace Router.Core.Providers.Gemini;

/// <summary>Reads an answer that came in one piece.</summary>
internal static class GeminiResponse
{
    /// <exception cref="ProviderException">The body is no answer, whatever its status says.</exception>
    public static ChatResponse Read(byte[] bytes, HttpResponseMessage http, ProviderDefinition provider, Secret? key)
    {
        var skim = new GeminiCandidateSkim();
        if (!JsonObject.TryParse(JsonUnicode.Mend(bytes), ref skim, out JsonObject? body))
        {
            throw GeminiErrors.Broken(http, "The provider's answer is not valid JSON.");
        }

        if (GeminiErrors.InStream(body, http, provider, key) is { } failure)
        {
            throw failure;
        }

        var answer = new GeminiAnswer();
        List<AIContent> contents = answer.Read(body, skim, partial: false, http);
        if (!answer.Finished)
        {
            throw GeminiErrors.Broken(http, "The provider's answer holds no finished candidate.", answer.Usage);
        }

        return new ChatResponse(new ChatMessage(ChatRole.Assistant, contents))
        {
            RawRepresentation = body,
            ResponseId = answer.Id,
            ModelId = answer.Model,
            FinishReason = answer.FinishReason,
            Usage = answer.Usage,
        };
    }
}
