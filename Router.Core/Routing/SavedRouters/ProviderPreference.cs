using System.Collections.Immutable;
using System.Text.Json;

namespace Router.Core.Routing.SavedRouters;

/// <summary>Which providers of a choice come first, or alone.</summary>
public sealed record ProviderPreference(ImmutableArray<string> Order, ImmutableArray<string> Only, bool? AllowFallbacks)
{
    public ImmutableArray<KeyValuePair<string, JsonElement>> Kept { get; init; } = [];

    /// <summary>As a request has it; what has no effect is written where it is <paramref name="shown"/>.</summary>
    internal void Write(Utf8JsonWriter writer, bool shown)
    {
        writer.WriteStartObject();
        if (!Order.IsEmpty)
        {
            writer.WritePropertyName("order");
            SavedRouterWriter.WriteList(writer, Order);
        }

        if (!Only.IsEmpty)
        {
            writer.WritePropertyName("only");
            SavedRouterWriter.WriteList(writer, Only);
        }

        if (AllowFallbacks is { } allow)
        {
            writer.WriteBoolean("allow_fallbacks", allow);
        }

        if (shown)
        {
            SavedRouterWriter.WriteKept(writer, Kept);
        }

        writer.WriteEndObject();
    }
}
