using System.Text.Json;
using Microsoft.Extensions.AI;
using Router.Core.Chat;

namespace Router.Core.Providers.Anthropic;

/// <summary>
/// How a structured answer is asked for: by the provider's own format where the model has one, else by a tool it must answer
/// with; plain JSON without a schema by an instruction.
/// </summary>
/// <param name="Schema">The schema as the provider takes it; null when there is none.</param>
/// <param name="ByTool">The model answers by calling <see cref="ToolName"/>.</param>
/// <param name="Instruction">What to add to the system prompt.</param>
internal sealed record AnthropicFormat(JsonElement? Schema, bool ByTool, string? Instruction)
{
    public const string ToolName = "json";

    private static readonly AnthropicFormat None = new(null, false, null);

    public bool Native => Schema is not null && !ByTool;

    public static AnthropicFormat Of(ChatResponseFormat? format, AnthropicModel model, Losses losses)
    {
        if (format is not ChatResponseFormatJson json)
        {
            return None;
        }

        if (json.Schema is not { } schema)
        {
            losses.Report("response_format", "has no equivalent without a schema and becomes an instruction");
            return new AnthropicFormat(null, false, "Answer with one JSON object and nothing else.");
        }

        return model.NativeFormat
            ? new AnthropicFormat(AnthropicSchema.Fit(schema, losses), false, null)
            : new AnthropicFormat(schema, true, null);
    }

    /// <summary>Whether an answer to this request may come as a call of the format's tool.</summary>
    public static bool IsByTool(ChatOptions? options) =>
        options?.ResponseFormat is ChatResponseFormatJson { Schema: not null } && options.ModelId is { } id && !AnthropicModel.Of(id).NativeFormat;
}
