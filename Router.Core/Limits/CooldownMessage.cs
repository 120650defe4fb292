using System.Text.Json;
using System.Text.Json.Serialization;
using Router.Core.Failures;
using Router.Core.Health;
using Router.Core.Wire;

namespace Router.Core.Limits;

/// <summary>A health change on the wire between replicas.</summary>
/// <param name="Origin">The sender, which ignores its own messages.</param>
/// <param name="Reason">Empty: good again.</param>
/// <param name="Milliseconds">How long from now; null only for what is good again.</param>
internal sealed record CooldownMessage(
    [property: JsonPropertyName("o")] string Origin,
    [property: JsonPropertyName("id")] string CredentialId,
    [property: JsonPropertyName("m")] string Model,
    [property: JsonPropertyName("r")] string Reason,
    [property: JsonPropertyName("ms")] long? Milliseconds)
{
    public static CooldownMessage From(string origin, HealthChange change) => new(
        origin,
        change.CredentialId,
        change.Model,
        change.Reason switch
        {
            FailureClass.Credential => "credential",
            FailureClass.Quota => "quota",
            FailureClass.RateLimit => "rate_limit",
            _ => "",
        },
        (long?)change.For?.TotalMilliseconds);

    /// <returns>Null for a reason this build does not know.</returns>
    public HealthChange? ToChange()
    {
        FailureClass? reason = Reason switch
        {
            "credential" => FailureClass.Credential,
            "quota" => FailureClass.Quota,
            "rate_limit" => FailureClass.RateLimit,
            "" => FailureClass.Unknown,
            _ => null,
        };
        return reason is { } known
            ? new(CredentialId, Model, known, Milliseconds is { } ms ? TimeSpan.FromMilliseconds(Math.Clamp(ms, 0, (long)Cooldowns.Most.TotalMilliseconds)) : null)
            : null;
    }

    public string ToJson() => JsonSerializer.Serialize(this, CooldownJsonContext.Default.CooldownMessage);

    /// <returns>Null for anything that is no message of ours.</returns>
    public static CooldownMessage? Parse(string? json)
    {
        try
        {
            var message = json is null ? null : JsonSerializer.Deserialize(json, CooldownJsonContext.Default.CooldownMessage);
            return message is { Origin: not null, CredentialId: not null, Model: not null, Reason: not null } ? message : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

[JsonSourceGenerationOptions(MaxDepth = JsonDepth.Most)]
[JsonSerializable(typeof(CooldownMessage))]
internal sealed partial class CooldownJsonContext : JsonSerializerContext;
