using System.Text.Json;

namespace Router.Core.Routing.SavedRouters;

/// <summary>Writes what a variant, or the defaults of all, adds to a request.</summary>
internal static class VariantWriter
{
    public static void WriteMembers(Utf8JsonWriter writer, VariantSettings settings)
    {
        if (settings.ModelId is { } model)
        {
            writer.WriteString("model_id", model);
        }

        if (settings.Selection is { } selection)
        {
            writer.WritePropertyName("model_selection");
            WriteSelection(writer, selection);
        }

        if (settings.Generation is { } generation)
        {
            writer.WriteStartObject("text_generation_config");
            SavedRouterWriter.WriteKept(writer, generation.Written);
            writer.WriteEndObject();
        }

        if (!settings.Templates.IsEmpty)
        {
            writer.WriteStartArray("message_templates");
            foreach (MessageTemplate template in settings.Templates)
            {
                WriteTemplate(writer, template);
            }

            writer.WriteEndArray();
        }

        SavedRouterWriter.WriteKept(writer, settings.Kept);
    }

    private static void WriteSelection(Utf8JsonWriter writer, ModelSelection selection)
    {
        writer.WriteStartObject();
        writer.WritePropertyName("models");
        SavedRouterWriter.WriteList(writer, selection.Models);
        writer.WriteStartArray("sort");
        foreach (JsonElement criterion in selection.SortWritten)
        {
            writer.WriteRawValue(criterion.GetRawText(), skipInputValidation: true);
        }

        writer.WriteEndArray();
        writer.WritePropertyName("ignore");
        SavedRouterWriter.WriteList(writer, selection.Ignore);
        if (selection.Provider is { } provider)
        {
            writer.WritePropertyName("provider");
            provider.Write(writer, shown: true);
        }

        SavedRouterWriter.WriteKept(writer, selection.Kept);
        writer.WriteEndObject();
    }

    private static void WriteTemplate(Utf8JsonWriter writer, MessageTemplate template)
    {
        writer.WriteStartObject();
        writer.WriteString("role", template.Role);
        if (template.Content is { } content)
        {
            writer.WriteString("content", content.Source);
        }

        if (!template.Items.IsEmpty)
        {
            writer.WriteStartArray("content_items");
            foreach (TemplateText item in template.Items)
            {
                writer.WriteStartObject();
                writer.WriteString("text", item.Source);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        if (!template.ToolCalls.IsEmpty)
        {
            writer.WriteStartArray("tool_calls");
            foreach (TemplateToolCall call in template.ToolCalls)
            {
                writer.WriteStartObject();
                writer.WriteString("id", call.Id);
                writer.WriteString("name", call.Name);
                writer.WriteString("args", call.Arguments);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        if (template.ToolCallId is { } id)
        {
            writer.WriteString("tool_call_id", id);
        }

        SavedRouterWriter.WriteKept(writer, template.Kept);
        writer.WriteEndObject();
    }
}
