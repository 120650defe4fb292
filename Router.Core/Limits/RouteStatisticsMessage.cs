using System.Text.Json;
using System.Text.Json.Serialization;
using Router.Core.Health;
using Router.Core.Wire;

namespace Router.Core.Limits;

/// <summary>What a replica measured, on the wire to the others.</summary>
/// <param name="Origin">The sender, which ignores its own messages.</param>
internal sealed record RouteStatisticsMessage(
    [property: JsonPropertyName("o")] string Origin,
    [property: JsonPropertyName("r")] IReadOnlyList<RouteStatisticsEntry> Routes)
{
    public string ToJson() => JsonSerializer.Serialize(this, RouteStatisticsJsonContext.Default.RouteStatisticsMessage);

    /// <returns>Null for anything that is no message of ours.</returns>
    public static RouteStatisticsMessage? Parse(string? json)
    {
        try
        {
            RouteStatisticsMessage? message = json is null ? null : JsonSerializer.Deserialize(json, RouteStatisticsJsonContext.Default.RouteStatisticsMessage);
            return message is { Origin: not null, Routes: not null } && message.Routes.All(entry => entry is { Route: not null }) ? message : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>One route's sums, in a message and as stored.</summary>
internal sealed record RouteStatisticsEntry(
    [property: JsonPropertyName("m")] string Route,
    [property: JsonPropertyName("n")] double Attempts,
    [property: JsonPropertyName("f")] double Failures,
    [property: JsonPropertyName("s")] double Streams,
    [property: JsonPropertyName("l")] double LatencySeconds,
    [property: JsonPropertyName("t")] double Tokens,
    [property: JsonPropertyName("d")] double TokenSeconds)
{
    public static RouteStatisticsEntry From(string route, RouteSample sample) =>
        new(route, sample.Attempts, sample.Failures, sample.Streams, sample.LatencySeconds, sample.Tokens, sample.TokenSeconds);

    public RouteSample ToSample() => new(Attempts, Failures, Streams, LatencySeconds, Tokens, TokenSeconds);

    public string ToJson() => JsonSerializer.Serialize(this, RouteStatisticsJsonContext.Default.RouteStatisticsEntry);

    /// <returns>Null for anything that is no entry of ours.</returns>
    public static RouteStatisticsEntry? Parse(string? json)
    {
        try
        {
            RouteStatisticsEntry? entry = json is null ? null : JsonSerializer.Deserialize(json, RouteStatisticsJsonContext.Default.RouteStatisticsEntry);
            return entry is { Route: not null } ? entry : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

[JsonSourceGenerationOptions(MaxDepth = JsonDepth.Most)]
[JsonSerializable(typeof(RouteStatisticsMessage))]
[JsonSerializable(typeof(RouteStatisticsEntry))]
internal sealed partial class RouteStatisticsJsonContext : JsonSerializerContext;
