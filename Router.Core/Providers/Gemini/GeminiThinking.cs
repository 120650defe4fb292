using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Router.Core.Providers.Gemini;

/// <summary>
/// Writes <c>thinkingConfig</c>: a budget of tokens for the 2.5 models, a level from generation 3 on; never both, which the
/// API refuses. Whoever asks for effort gets the thoughts' summary too.
/// </summary>
internal static class GeminiThinking
{
    public static void Write(Utf8JsonWriter writer, ChatOptions options, ExtraMembers extras, JsonElement own, GeminiScope scope)
    {
        string? effort = extras.TakeText("reasoning_effort") ?? Word(options.Reasoning?.Effort);
        if (own.ValueKind == JsonValueKind.Object)
        {
            writer.WritePropertyName("thinkingConfig");
            own.WriteTo(writer);
            return;
        }

        if (effort is null)
        {
            return;
        }

        if (scope.Model is { ThinksByLevel: false, ThinksByBudget: false })
        {
            if (effort != "none")
            {
                scope.Losses.Report("reasoning_effort", "means nothing to this model and is left out");
            }

            return;
        }

        if (effort is not ("none" or "minimal" or "low" or "medium" or "high" or "xhigh" or "max"))
        {
            scope.Losses.Report("reasoning_effort", "is not a known effort and is left out");
            return;
        }

        writer.WriteStartObject("thinkingConfig");
        if (scope.Model.ThinksByLevel)
        {
            writer.WriteString("thinkingLevel", Level(effort, scope));
        }
        else
        {
            writer.WriteNumber("thinkingBudget", Budget(effort, scope));
        }

        if (effort != "none" && options.Reasoning?.Output is not ReasoningOutput.None)
        {
            writer.WriteBoolean("includeThoughts", true);
        }

        writer.WriteEndObject();
    }

    private static string Level(string effort, GeminiScope scope)
    {
        if (effort == "none")
        {
            scope.Losses.Report("reasoning_effort", "cannot be 'none' with this model, which thinks as little as it can");
        }

        return effort switch
        {
            // The pro models know no level below LOW.
            "none" or "minimal" => scope.Model.IsPro ? "LOW" : "MINIMAL",
            "low" => "LOW",
            "medium" => "MEDIUM",
            _ => "HIGH",
        };
    }

    private static int Budget(string effort, GeminiScope scope)
    {
        if (effort == "none" && scope.Model.IsPro)
        {
            scope.Losses.Report("reasoning_effort", "cannot be 'none' with this model, which thinks as little as it can");
        }

        return effort switch
        {
            "none" => scope.Model.IsPro ? 128 : 0,
            "minimal" => 512,
            "low" => 1024,
            "medium" => 8192,
            _ => 24576,
        };
    }

    private static string? Word(ReasoningEffort? effort) => effort switch
    {
        ReasoningEffort.None => "none",
        ReasoningEffort.Low => "low",
        ReasoningEffort.Medium => "medium",
        ReasoningEffort.High => "high",
        ReasoningEffort.ExtraHigh => "xhigh",
        _ => null,
    };
}
