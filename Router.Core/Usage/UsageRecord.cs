using System.Text.Json.Serialization;
using Router.Core.Wire;

namespace Router.Core.Usage;

/// <summary>What one upstream request was and what it cost. It holds no content and no key.</summary>
/// <param name="Id">UUID version 7; a record is stored once however often it is written.</param>
/// <param name="At">When it began.</param>
/// <param name="RouterKeyId">The public id of the router API key; null for a chat of the Studio.</param>
/// <param name="CredentialType"><c>byok</c> or <c>system</c>.</param>
/// <param name="CredentialSource"><c>saved</c>, <c>runtime</c> or <c>system</c>.</param>
/// <param name="Outcome"><c>success</c>, <c>cancelled</c>, or the failure's class.</param>
/// <param name="HttpStatus">Of a failure that had one.</param>
/// <param name="InputTokens">All of them, cached ones included; null where nothing can have been billed.</param>
/// <param name="OutputTokens">All of them, reasoning included.</param>
/// <param name="Estimated">The provider sent no usage: the counts are the router's guess.</param>
/// <param name="ListPrice">USD at the catalog's prices; null for a model or a tier without one, which is not the same as free.</param>
/// <param name="CacheWriteTokens">Of the input, what was written to the provider's cache.</param>
/// <param name="CacheWriteLongTokens">Of those, the ones that are kept for an hour or longer.</param>
/// <param name="PriceTier">Which of the model's prices it is: <c>standard</c>, or what made it another, as <c>long_context+flex</c>. Null where nothing can have been billed.</param>
/// <param name="Charge">USD the workspace owes: the list price with a system key, the fee with its own.</param>
[method: JsonConstructor]
public readonly record struct UsageRecord(
    [property: JsonPropertyName("id")] Guid Id,
    [property: JsonPropertyName("at")] DateTimeOffset At,
    [property: JsonPropertyName("workspace_id")] string WorkspaceId,
    [property: JsonPropertyName("router_key_id")] string? RouterKeyId,
    [property: JsonPropertyName("generation_id")] Guid GenerationId,
    [property: JsonPropertyName("attempt")] int Attempt,
    [property: JsonPropertyName("trace_id")] string? TraceId,
    [property: JsonPropertyName("provider")] string Provider,
    [property: JsonPropertyName("model")] string Model,
    [property: JsonPropertyName("response_model")] string? ResponseModel,
    [property: JsonPropertyName("credential_type")] string CredentialType,
    [property: JsonPropertyName("credential_source")] string CredentialSource,
    [property: JsonPropertyName("credential_fingerprint")] string CredentialFingerprint,
    [property: JsonPropertyName("stream")] bool Stream,
    [property: JsonPropertyName("outcome")] string Outcome,
    [property: JsonPropertyName("http_status")] int? HttpStatus,
    [property: JsonPropertyName("duration_ms")] long DurationMs,
    [property: JsonPropertyName("time_to_first_token_ms")] long? TimeToFirstTokenMs,
    [property: JsonPropertyName("input_tokens")] long? InputTokens,
    [property: JsonPropertyName("cached_tokens")] long? CachedTokens,
    [property: JsonPropertyName("output_tokens")] long? OutputTokens,
    [property: JsonPropertyName("reasoning_tokens")] long? ReasoningTokens,
    [property: JsonPropertyName("estimated")] bool Estimated,
    [property: JsonPropertyName("list_price_usd")] decimal? ListPrice,
    [property: JsonPropertyName("charge_usd")] decimal? Charge,
    [property: JsonPropertyName("cache_write_tokens")] long? CacheWriteTokens = null,
    [property: JsonPropertyName("cache_write_1h_tokens")] long? CacheWriteLongTokens = null,
    [property: JsonPropertyName("price_tier")] string? PriceTier = null);

[JsonSourceGenerationOptions(MaxDepth = JsonDepth.Most)]
[JsonSerializable(typeof(UsageRecord))]
internal sealed partial class UsageJsonContext : JsonSerializerContext;
