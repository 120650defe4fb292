using System.Collections.Immutable;
using System.Text.Json;
using Router.Core.Failures;
using Router.Core.Wire;

namespace Router.Core.Routing.SavedRouters;

/// <summary>Writes message templates as messages in OpenAI's shape, their variables filled in from the request.</summary>
public static class TemplateRenderer
{
    /// <summary>In characters, over all templates: a variable may stand in a template thousands of times.</summary>
    public const long Longest = 4 * 1024 * 1024;

    /// <summary>The request's messages with the templates' before them.</summary>
    /// <param name="messages">A JSON list of at least one message.</param>
    /// <exception cref="RouterException">The request brings no value for a variable.</exception>
    public static byte[] Prepend(ImmutableArray<MessageTemplate> templates, RequestFacts facts, ReadOnlyMemory<byte> messages)
    {
        long left = Longest;
        byte[] rendered = JsonText.Write(writer =>
        {
            writer.WriteStartArray();
            foreach (MessageTemplate template in templates)
            {
                Write(writer, template, facts, ref left);
            }

            writer.WriteEndArray();
        });
        return [.. rendered.AsSpan(0, rendered.Length - 1), (byte)',', .. messages.Span[1..]];
    }

    private static void Write(Utf8JsonWriter writer, MessageTemplate template, RequestFacts facts, ref long left)
    {
        writer.WriteStartObject();
        writer.WriteString("role", template.Role);
        if (!template.Items.IsEmpty)
        {
            writer.WriteStartArray("content");
            foreach (TemplateText item in template.Items)
            {
                writer.WriteStartObject();
                writer.WriteString("type", "text");
                writer.WriteString("text", Render(item, facts, ref left));
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }
        else
        {
            writer.WriteString("content", template.Content is { } content ? Render(content, facts, ref left) : null);
        }

        WriteCalls(writer, template.ToolCalls);
        if (template.ToolCallId is { } id)
        {
            writer.WriteString("tool_call_id", id);
        }

        writer.WriteEndObject();
    }

    private static void WriteCalls(Utf8JsonWriter writer, ImmutableArray<TemplateToolCall> calls)
    {
        if (calls.IsEmpty)
        {
            return;
        }

        writer.WriteStartArray("tool_calls");
        foreach (TemplateToolCall call in calls)
        {
            writer.WriteStartObject();
            writer.WriteString("id", call.Id);
            writer.WriteString("type", "function");
            writer.WriteStartObject("function");
            writer.WriteString("name", call.Name);
            writer.WriteString("arguments", call.Arguments);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static string Render(TemplateText text, RequestFacts facts, ref long left)
    {
        if (!text.TryRender(name => Find(facts.PromptVariables, name) ?? Find(facts.Metadata, name), ref left, out string? rendered, out string? missing))
        {
            throw new RouterException(RouterError.InvalidRequest(
                $"The saved router's message template needs the variable '{missing}', which neither 'prompt_variables' nor 'metadata' has.", $"prompt_variables.{missing}"));
        }

        return left >= 0 ? rendered : throw new RouterException(RouterError.InvalidRequest(
            $"The saved router's message templates are longer than {Longest} characters with the variables of this request.", "prompt_variables"));
    }

    /// <summary>A text as it is, anything else as JSON; null counts as absent.</summary>
    private static string? Find(JsonElement? map, string name) =>
        map is not { } values || !values.TryGetProperty(name, out JsonElement value) ? null
        : value.ValueKind switch
        {
            JsonValueKind.Null => null,
            JsonValueKind.String => value.GetString(),
            _ => value.GetRawText(),
        };
}
