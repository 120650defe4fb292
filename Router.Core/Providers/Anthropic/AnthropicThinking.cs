using System.Text.Json;
using Microsoft.Extensions.AI;
using Router.Core.Chat;
using Router.Core.Providers.OpenAI;

namespace Router.Core.Providers.Anthropic;

/// <summary>Thinking and effort, from <c>reasoning_effort</c> or from the provider's own <c>thinking</c> member, and the output limit that must hold both.</summary>
internal sealed record AnthropicThinking(int MaxTokens, string? Type, int? Budget, string? Effort, bool Summarized, JsonElement Own)
{
    private const int LeastBudget = 1_024;

    /// <summary>The model will think because this request says so.</summary>
    public bool IsOn => Type is "enabled" or "adaptive";

    public static AnthropicThinking Of(IEnumerable<ChatMessage> messages, ChatOptions options, ExtraMembers extras, AnthropicModel model, AnthropicFormat format, Losses losses)
    {
        int limit = options.MaxOutputTokens ?? model.OutputLimit;
        var nothing = new AnthropicThinking(limit, null, null, null, false, default);
        JsonElement own = extras.Take("thinking");
        string? effort = extras.TakeText("reasoning_effort");
        if (own.ValueKind == JsonValueKind.Object)
        {
            string? type = own.TryGetProperty("type", out JsonElement named) && named.ValueKind == JsonValueKind.String ? named.GetString() : null;
            return nothing with { Type = type, Own = own };
        }

        return effort switch
        {
            null => nothing,
            "none" => Off(nothing, model, losses),
            _ when model.ThinkingAdaptive => nothing with { Type = "adaptive", Effort = EffortOf(effort, model), Summarized = model.HidesThinking },
            _ when model.ThinkingByBudget => ByBudget(nothing, effort, limit, messages, model, format, losses),
            _ => Lost(nothing, losses),
        };
    }

    public void Write(Utf8JsonWriter writer, AnthropicFormat format)
    {
        if (Own.ValueKind == JsonValueKind.Object)
        {
            writer.WritePropertyName("thinking");
            Own.WriteTo(writer);
        }
        else if (Type is not null)
        {
            writer.WriteStartObject("thinking");
            writer.WriteString("type", Type);
            if (Budget is { } budget)
            {
                writer.WriteNumber("budget_tokens", budget);
            }

            if (Summarized)
            {
                writer.WriteString("display", "summarized");
            }

            writer.WriteEndObject();
        }

        if (Effort is null && !format.Native)
        {
            return;
        }

        writer.WriteStartObject("output_config");
        if (Effort is not null)
        {
            writer.WriteString("effort", Effort);
        }

        if (format.Native)
        {
            writer.WriteStartObject("format");
            writer.WriteString("type", "json_schema");
            writer.WritePropertyName("schema");
            format.Schema!.Value.WriteTo(writer);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    private static AnthropicThinking Off(AnthropicThinking nothing, AnthropicModel model, Losses losses)
    {
        if (!model.ThinksByDefault)
        {
            return nothing;
        }

        if (model.ThinkingCanBeDisabled)
        {
            return nothing with { Type = "disabled" };
        }

        losses.Report("reasoning_effort", "cannot be none at this model and becomes the lowest it has");
        return nothing with { Type = model.ThinksBetweenTools ? "between_tools" : "adaptive", Effort = "low" };
    }

    private static AnthropicThinking ByBudget(AnthropicThinking nothing, string effort, int limit, IEnumerable<ChatMessage> messages, AnthropicModel model, AnthropicFormat format, Losses losses)
    {
        if (format.ByTool)
        {
            losses.Report("reasoning_effort", "cannot stand beside a structured answer at this model and is left out");
            return nothing;
        }

        if (IsAmidForeignCalls(messages))
        {
            losses.Report("reasoning_effort", "cannot begin amid calls that another model made and is left out");
            return nothing;
        }

        if (limit <= LeastBudget)
        {
            losses.Report("reasoning_effort", $"needs an output limit above {LeastBudget} tokens at this model and is left out");
            return nothing;
        }

        int wanted = effort switch
        {
            "minimal" or "low" => 2_048,
            "medium" => 8_192,
            "high" => 16_384,
            _ => 32_768,
        };
        // The answer has to fit beside the thoughts.
        int budget = Math.Max(LeastBudget, Math.Min(wanted, limit * 3 / 4));
        return nothing with { Type = "enabled", Budget = budget, Effort = model.Effort ? EffortOf(effort, model) : null };
    }

    /// <summary>The last answer's calls come without the thoughts that led to them, as another provider made them.</summary>
    private static bool IsAmidForeignCalls(IEnumerable<ChatMessage> messages) =>
        messages.LastOrDefault(message => message.Role == ChatRole.Assistant) is { } last
        && last.Contents.Any(content => content is FunctionCallContent)
        && !last.Contents.Any(content => content is TextReasoningContent thought && OpenAIThinking.IsOpaque(thought));

    private static AnthropicThinking Lost(AnthropicThinking nothing, Losses losses)
    {
        losses.Report("reasoning_effort", "has no equivalent at this model and is left out");
        return nothing;
    }

    private static string EffortOf(string effort, AnthropicModel model) => effort switch
    {
        "minimal" or "low" => "low",
        "medium" => "medium",
        "high" => "high",
        "xhigh" when model.ExtraHighEffort => "xhigh",
        "xhigh" => "high",
        _ => model.MostEffort,
    };
}
