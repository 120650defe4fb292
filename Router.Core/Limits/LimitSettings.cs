using System.Text.Json;
using System.Text.Json.Serialization;
using Router.Core.Wire;

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

    /// <returns>False for what cannot be read, as a later version or a hand may have written it.</returns>
    public static bool TryParse(string? json, out LimitSettings limits)
    {
        limits = Default;
        try
        {
            limits = json is null ? Default : JsonSerializer.Deserialize(json, LimitJsonContext.Default.LimitSettings) ?? Default;
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}

[JsonSourceGenerationOptions(MaxDepth = JsonDepth.Most)]
[JsonSerializable(typeof(LimitSettings))]
internal sealed partial class LimitJsonContext : JsonSerializerContext;
