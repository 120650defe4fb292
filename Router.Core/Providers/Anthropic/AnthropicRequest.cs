using System.Text.Json;
using Microsoft.Extensions.AI;
using Router.Core.Chat;
using Router.Core.Wire;

namespace Router.Core.Providers.Anthropic;

/// <summary>Where the request goes.</summary>
/// <param name="ModelInAddress">The model stands in the address, and the API's version in the body, as on Vertex.</param>
internal readonly record struct AnthropicTarget(bool Simulated, bool ModelInAddress);

/// <summary>Writes the Messages request from the typed view. What it cannot carry is reported as a loss.</summary>
internal static class AnthropicRequest
{
    public static byte[] Write(IEnumerable<ChatMessage> messages, ChatOptions options, bool stream, AnthropicTarget target, Losses losses) => JsonText.Write(writer =>
    {
        AnthropicModel model = AnthropicModel.Of(options.ModelId!);
        var extras = new ExtraMembers(options);
        AnthropicFormat format = AnthropicFormat.Of(options.ResponseFormat, model, losses);
        var thinking = AnthropicThinking.Of(messages, options, extras, model, format, losses);
        var conversation = new AnthropicConversation(model, losses);
        conversation.Add(messages, options.Instructions, format.Instruction);

        writer.WriteStartObject();
        if (target.ModelInAddress)
        {
            writer.WriteString("anthropic_version", "vertex-2023-10-16");
        }
        else
        {
            writer.WriteString("model", options.ModelId);
        }

        writer.WriteNumber("max_tokens", thinking.MaxTokens);
        conversation.Write(writer);
        AnthropicTools.Write(writer, options, model, format, losses);
        WriteSampling(writer, options, model, thinking, losses);
        thinking.Write(writer, format);
        WriteIdentity(writer, extras);
        if (stream)
        {
            writer.WriteBoolean("stream", true);
        }

        foreach (string member in (ReadOnlySpan<string>)["cache_control", target.Simulated ? "simulate" : ""])
        {
            if (member.Length > 0 && extras.Take(member) is { ValueKind: JsonValueKind.Object } value)
            {
                writer.WritePropertyName(member);
                value.WriteTo(writer);
            }
        }

        writer.WriteEndObject();
        ReportTyped(options, losses);
        extras.ReportRest(losses);
    });

    private static void WriteSampling(Utf8JsonWriter writer, ChatOptions options, AnthropicModel model, AnthropicThinking thinking, Losses losses)
    {
        bool refused = model.RefusesSampling || thinking.IsOn;
        string why = model.RefusesSampling ? "is refused by this model and is left out" : "cannot be set while the model thinks and is left out";
        if (options.Temperature is { } temperature)
        {
            if (refused)
            {
                losses.Report("temperature", why);
            }
            else
            {
                if (temperature > 1)
                {
                    losses.Report("temperature", "goes up to 1 here and is lowered to that");
                }

                writer.WriteNumber("temperature", (decimal)Math.Clamp(temperature, 0, 1));
            }
        }

        if (options.TopP is { } topP)
        {
            if (refused || (model.OneSamplingOnly && options.Temperature is not null))
            {
                losses.Report("top_p", refused ? why : "cannot stand beside temperature at this model and is left out");
            }
            else
            {
                writer.WriteNumber("top_p", (decimal)topP);
            }
        }

        if (options.TopK is { } topK)
        {
            if (refused)
            {
                losses.Report("top_k", why);
            }
            else
            {
                writer.WriteNumber("top_k", topK);
            }
        }

        // Sequences of nothing but white space are refused there.
        if (options.StopSequences?.Where(stop => !string.IsNullOrWhiteSpace(stop)).ToArray() is { Length: > 0 } stops)
        {
            writer.WriteStartArray("stop_sequences");
            foreach (string stop in stops)
            {
                writer.WriteStringValue(stop);
            }

            writer.WriteEndArray();
        }

        if (options.StopSequences?.Any(string.IsNullOrWhiteSpace) == true)
        {
            losses.Report("stop", "holds a sequence of white space only, which is left out");
        }
    }

    private static void WriteIdentity(Utf8JsonWriter writer, ExtraMembers extras)
    {
        string? safety = extras.TakeText("safety_identifier");
        if (extras.TakeText("user") is { } user || (user = safety) is not null)
        {
            writer.WriteStartObject("metadata");
            writer.WriteString("user_id", safety ?? user);
            writer.WriteEndObject();
        }

        switch (extras.TakeText("service_tier"))
        {
            case "auto" or "priority":
                writer.WriteString("service_tier", "auto");
                break;
            case "default" or "standard_only":
                writer.WriteString("service_tier", "standard_only");
                break;
        }
    }

    private static void ReportTyped(ChatOptions options, Losses losses)
    {
        foreach ((string name, bool set) in (ReadOnlySpan<(string, bool)>)[("seed", options.Seed is not null), ("frequency_penalty", options.FrequencyPenalty is not (null or 0)), ("presence_penalty", options.PresencePenalty is not (null or 0))])
        {
            if (set)
            {
                losses.Report(name, "has no equivalent and is left out");
            }
        }
    }
}
