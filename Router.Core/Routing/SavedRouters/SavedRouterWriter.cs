using System.Collections.Immutable;
using System.Text.Json;

namespace Router.Core.Routing.SavedRouters;

/// <summary>Writes a router in the original's shape: camel case for the router's own members, snake case inside routes.</summary>
public static class SavedRouterWriter
{
    public static void Write(Utf8JsonWriter writer, SavedRouter router)
    {
        writer.WriteStartObject();
        WriteMembers(writer, router);
        writer.WriteEndObject();
    }

    /// <summary>The members alone, for an object that says more.</summary>
    public static void WriteMembers(Utf8JsonWriter writer, SavedRouter router)
    {
        writer.WriteString("name", router.Name);
        if (router.DisplayName is { } display)
        {
            writer.WriteString("displayName", display);
        }

        if (!ReferenceEquals(router.Defaults, VariantSettings.None))
        {
            writer.WriteStartObject("defaults");
            VariantWriter.WriteMembers(writer, router.Defaults);
            writer.WriteEndObject();
        }

        writer.WriteStartArray("routes");
        foreach (ConditionalRoute route in router.Routes)
        {
            writer.WriteStartObject();
            writer.WritePropertyName("route");
            WriteRoute(writer, route.Route);
            writer.WriteStartObject("condition");
            writer.WriteString("cel_expression", route.Condition.Text);
            WriteKept(writer, route.Condition.Kept);
            writer.WriteEndObject();
            WriteKept(writer, route.Kept);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        if (router.DefaultRoute is { } fallback)
        {
            writer.WritePropertyName("defaultRoute");
            WriteRoute(writer, fallback);
        }

        WriteKept(writer, router.Kept);
    }

    internal static void WriteKept(Utf8JsonWriter writer, ImmutableArray<KeyValuePair<string, JsonElement>> kept)
    {
        foreach ((string name, JsonElement value) in kept)
        {
            writer.WritePropertyName(name);
            writer.WriteRawValue(value.GetRawText(), skipInputValidation: true);
        }
    }

    internal static void WriteList(Utf8JsonWriter writer, ImmutableArray<string> names)
    {
        writer.WriteStartArray();
        foreach (string name in names)
        {
            writer.WriteStringValue(name);
        }

        writer.WriteEndArray();
    }

    private static void WriteRoute(Utf8JsonWriter writer, SavedRoute route)
    {
        writer.WriteStartObject();
        writer.WriteString("route_id", route.Id);
        writer.WriteStartArray("variants");
        foreach (WeightedVariant variant in route.Variants)
        {
            writer.WriteStartObject();
            writer.WriteStartObject("variant");
            writer.WriteString("variant_id", variant.Variant.Id);
            VariantWriter.WriteMembers(writer, variant.Variant.Settings);
            writer.WriteEndObject();
            writer.WriteNumber("weight", variant.Weight);
            WriteKept(writer, variant.Kept);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        WriteKept(writer, route.Kept);
        writer.WriteEndObject();
    }
}
