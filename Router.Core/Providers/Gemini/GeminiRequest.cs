using System.Text.Json;
using Microsoft.Extensions.AI;
using Router.Core.Chat;
using Router.Core.Wire;

namespace Router.Core.Providers.Gemini;

/// <summary>What the writers of one request share.</summary>
/// <param name="OwnStorage">The key is the caller's own, so that what the key can read in its owner's storage is the caller's to name.</param>
internal sealed record GeminiScope(GeminiModel Model, GeminiTraits Traits, bool OwnStorage, Provider Target, Losses Losses)
{
    public ProviderDefinition Provider => Target.Definition;
}

/// <summary>The request body, written from the typed view.</summary>
internal static class GeminiRequest
{
    public static byte[] Write(IEnumerable<ChatMessage> messages, ChatOptions? options, GeminiScope scope)
    {
        var extras = new ExtraMembers(options);
        return JsonText.Write(writer =>
        {
            writer.WriteStartObject();
            new GeminiContents(scope).Write(writer, messages as IReadOnlyList<ChatMessage> ?? [.. messages], options?.Instructions);
            if (options is not null)
            {
                GeminiTools.Write(writer, options, scope.Losses);
                GeminiConfig.Write(writer, options, extras, scope);
                WriteScript(writer, extras, scope);
                extras.ReportRest(scope.Losses);
            }

            writer.WriteEndObject();
        });
    }

    /// <summary>How the simulator is to behave; no vendor ever sees it.</summary>
    private static void WriteScript(Utf8JsonWriter writer, ExtraMembers extras, GeminiScope scope)
    {
        if (scope.Target.Simulated && extras.Take("simulate") is { ValueKind: JsonValueKind.Object } script)
        {
            writer.WritePropertyName("simulate");
            script.WriteTo(writer);
        }
    }
}
