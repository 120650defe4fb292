using System.Text.Json;
using System.Text.Json.Serialization;

namespace Router.Core.Limits;

/// <summary>The limits of a workspace or of a router key.</summary>
/// <param name="RequestsPerSecond">0 is no limit; null is the default: for a workspace the configured one, for a key none of its own.</param>
/// <param name="TokensPerMinute">Input and output tokens; 0 and null as above.</param>
public sealed record LimitSettings(
    [property: JsonPropertyName("requests_per_second")] long? RequestsPerSecond = null,
    [property: JsonPropertyName("tokens_per_minute")] long? TokensPerMinute = null)
{
    public const long MostRequestsPerSecond = 1_000_000;
    public const long MostTokensPerMinute = 1_000_000_000_000;

    public static LimitSettings Default { get; } = new();

    /// <returns>Null for the default, which is kept as no value.</returns>
    public string? ToJson() => this == Default ? null : JsonSerializer.Serialize(this, LimitJsonContext.Default.LimitSettings);

    public static LimitSettings Parse(string? json) =>
        json is null ? Default : JsonSerializer.Deserialize(json, LimitJsonContext.Default.LimitSettings) ?? Default;
}

[JsonSerializable(typeof(LimitSettings))]
internal sealed partial class LimitJsonContext : JsonSerializerContext;
