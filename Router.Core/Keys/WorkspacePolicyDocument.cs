using System.Text.Json;
using System.Text.Json.Serialization;
using Router.Core.Failures;
using Router.Core.Limits;
using Router.Core.Wire;

namespace Router.Core.Keys;

/// <summary>A workspace policy as JSON, in Postgres and in the control plane. Absent fields mean the default.</summary>
public sealed record WorkspacePolicyDocument(
    [property: JsonPropertyName("byok_only")] bool? ByokOnly = null,
    [property: JsonPropertyName("cross_to_system")] IReadOnlyList<string>? CrossToSystem = null,
    [property: JsonPropertyName("allowed_providers")] IReadOnlyList<string>? AllowedProviders = null,
    [property: JsonPropertyName("byok_fee_percent")] decimal? ByokFeePercent = null,
    [property: JsonPropertyName("limits"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] LimitSettings? Limits = null,
    [property: JsonPropertyName("manage_keys_may_mint_inference"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] bool? ManageKeysMayMintInference = null)
{
    /// <summary>The failure classes a policy may let cross to a system key; the rest never cross.</summary>
    public static IReadOnlyDictionary<string, FailureClass> CrossableClasses { get; } = new Dictionary<string, FailureClass>(StringComparer.Ordinal)
    {
        ["credential"] = FailureClass.Credential,
        ["quota"] = FailureClass.Quota,
        ["rate_limit"] = FailureClass.RateLimit,
        ["model_access"] = FailureClass.ModelAccess,
        ["transient"] = FailureClass.Transient,
    };

    public static WorkspacePolicyDocument From(WorkspacePolicy policy) => new(
        policy.ByokOnly,
        [.. CrossableClasses.Where(entry => policy.CrossToSystem.Contains(entry.Value)).Select(entry => entry.Key)],
        [.. policy.AllowedProviders.Order(StringComparer.Ordinal)],
        policy.ByokFeePercent,
        policy.Limits == LimitSettings.Default ? null : policy.Limits,
        policy.ManageKeysMayMintInference ? true : null);

    /// <summary>Classes this build does not know never cross.</summary>
    public WorkspacePolicy ToPolicy() => new(
        ByokOnly ?? WorkspacePolicy.Default.ByokOnly,
        CrossToSystem is null
            ? WorkspacePolicy.Default.CrossToSystem
            : [.. CrossToSystem.Where(CrossableClasses.ContainsKey).Select(name => CrossableClasses[name])],
        AllowedProviders is null ? [] : [.. AllowedProviders],
        ByokFeePercent ?? WorkspacePolicy.Default.ByokFeePercent)
    {
        Limits = Limits ?? LimitSettings.Default,
        ManageKeysMayMintInference = ManageKeysMayMintInference ?? false,
    };

    public string ToJson() => JsonSerializer.Serialize(this, KeyJsonContext.Default.WorkspacePolicyDocument);

    /// <returns><see cref="WorkspacePolicy.Nothing"/> itself for what cannot be read, as a later version or a hand may have written it: it must not loosen anything, nor stop other tenants.</returns>
    public static WorkspacePolicy Parse(string? json)
    {
        try
        {
            return json is null
                ? WorkspacePolicy.Default
                : JsonSerializer.Deserialize(json, KeyJsonContext.Default.WorkspacePolicyDocument)?.ToPolicy() ?? WorkspacePolicy.Default;
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException)
        {
            return WorkspacePolicy.Nothing;
        }
    }
}

[JsonSourceGenerationOptions(MaxDepth = JsonDepth.Most)]
[JsonSerializable(typeof(WorkspacePolicyDocument))]
internal sealed partial class KeyJsonContext : JsonSerializerContext;
