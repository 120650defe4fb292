using System.Text.Json;
using System.Text.Json.Serialization;
using Router.Core.Keys;
using Router.Core.Limits;
using Router.Core.Providers;
using Router.Core.Usage;
using Router.Core.Wire;

namespace Router.Api.Endpoints;

public sealed record CreateWorkspaceRequest(
    [property: JsonPropertyName("id")] string? Id,
    [property: JsonPropertyName("display_name")] string? DisplayName);

public sealed record WorkspaceResponse(
    [property: JsonPropertyName("id")] string Id,
    [property: JsonPropertyName("display_name")] string DisplayName,
    [property: JsonPropertyName("policy")] WorkspacePolicyDocument Policy,
    [property: JsonPropertyName("created_at")] DateTimeOffset CreatedAt)
{
    internal static WorkspaceResponse From(WorkspaceRecord workspace) =>
        new(workspace.Id, workspace.DisplayName, WorkspacePolicyDocument.From(workspace.Policy), workspace.CreatedAt);
}

public sealed record WorkspaceListResponse([property: JsonPropertyName("workspaces")] IReadOnlyList<WorkspaceResponse> Workspaces);

/// <param name="Permissions">Of <c>inference</c> and <c>manage</c>; absent means inference only.</param>
/// <param name="Limits">Beside those of the workspace: <c>requests_per_second</c> and <c>tokens_per_minute</c>; absent, null and 0 mean none.</param>
public sealed record CreateApiKeyRequest(
    [property: JsonPropertyName("name")] string? Name,
    [property: JsonPropertyName("permissions")] IReadOnlyList<string>? Permissions = null,
    [property: JsonPropertyName("limits")] JsonElement? Limits = null);

/// <param name="Key">The whole key; only in the answer that created it.</param>
public sealed record ApiKeyResponse(
    [property: JsonPropertyName("id")] string Id,
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("permissions")] IReadOnlyList<string> Permissions,
    [property: JsonPropertyName("development")] bool Development,
    [property: JsonPropertyName("created_at")] DateTimeOffset CreatedAt,
    [property: JsonPropertyName("revoked_at")] DateTimeOffset? RevokedAt,
    [property: JsonPropertyName("api_key"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Key = null,
    [property: JsonPropertyName("limits"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] LimitSettings? Limits = null)
{
    /// <summary>Without the key: a record's own ToString would print it.</summary>
    public override string ToString() => $"{nameof(ApiKeyResponse)} {Id}";

    internal static ApiKeyResponse From(RouterKeyRecord key, string? secret = null) =>
        new(key.Id, key.Name, PermissionNames.ToNames(key.Permissions), key.IsDevelopment, key.CreatedAt, key.RevokedAt, secret,
            key.Limits == LimitSettings.Default ? null : key.Limits);
}

/// <param name="Simulated">The simulator answers in the provider's place: no system key is configured and nothing made the provider live.</param>
/// <param name="SystemKey">Whether the operator has a key for it; a simulated provider has a simulated one.</param>
/// <param name="Switchable">An administrator may make it live, and simulated again: there is a simulator, and no setting decides.</param>
/// <param name="Setting">The setting that decides whether it is live; null where none does.</param>
public sealed record ProviderResponse(
    [property: JsonPropertyName("provider")] string Provider,
    [property: JsonPropertyName("display_name")] string DisplayName,
    [property: JsonPropertyName("simulated")] bool Simulated,
    [property: JsonPropertyName("system_key")] bool SystemKey,
    [property: JsonPropertyName("switchable")] bool Switchable,
    [property: JsonPropertyName("setting")] string? Setting)
{
    internal static ProviderResponse From(Provider provider) =>
        new(provider.Slug, provider.Definition.DisplayName, provider.Simulated, provider.SystemCredential is not null, provider.Switchable, provider.LiveSetting);
}

public sealed class SwitchProviderRequest
{
    /// <summary>True: requests go to the provider itself. False: to the simulator.</summary>
    [JsonPropertyName("live")]
    public bool? Live { get; init; }
}

public sealed record ProviderListResponse([property: JsonPropertyName("providers")] IReadOnlyList<ProviderResponse> Providers);

public sealed record ApiKeyListResponse([property: JsonPropertyName("api_keys")] IReadOnlyList<ApiKeyResponse> ApiKeys);

/// <summary>A provider's API key, or for providers that take one a service account with its project and location.</summary>
public sealed class SaveProviderKeyRequest
{
    [JsonPropertyName("api_key")]
    public string? ApiKey { get; init; }

    /// <summary>The key file, as an object or as its text.</summary>
    [JsonPropertyName("service_account")]
    public JsonElement? ServiceAccount { get; init; }

    [JsonPropertyName("project_id")]
    public string? ProjectId { get; init; }

    [JsonPropertyName("location")]
    public string? Location { get; init; }

    internal (Secret? Key, string Member, string? Problem) Read(ProviderDefinition provider) =>
        CredentialText.Read(JsonSerializer.SerializeToElement(this, ControlPlaneJsonContext.Default.SaveProviderKeyRequest), provider);
}

/// <param name="LastFour">Empty for a key too short to spare them, and for a service account.</param>
/// <param name="CheckedAt">When the provider last said something of the key; null before it did.</param>
/// <param name="TriedAt">When it was last asked, whether it answered or not.</param>
/// <param name="NextCheckAt">When it is due to be asked again.</param>
/// <param name="AccountEmail">What a service account calls itself; null for an API key.</param>
public sealed record ProviderKeyResponse(
    [property: JsonPropertyName("provider")] string Provider,
    [property: JsonPropertyName("last_four")] string LastFour,
    [property: JsonPropertyName("fingerprint")] string Fingerprint,
    [property: JsonPropertyName("status")] string Status,
    [property: JsonPropertyName("status_detail")] string? StatusDetail,
    [property: JsonPropertyName("checked_at")] DateTimeOffset? CheckedAt,
    [property: JsonPropertyName("cooling_until")] DateTimeOffset? CoolingUntil,
    [property: JsonPropertyName("version")] int Version,
    [property: JsonPropertyName("created_at")] DateTimeOffset CreatedAt,
    [property: JsonPropertyName("updated_at")] DateTimeOffset UpdatedAt,
    [property: JsonPropertyName("last_used_at")] DateTimeOffset? LastUsedAt,
    [property: JsonPropertyName("tried_at")] DateTimeOffset? TriedAt,
    [property: JsonPropertyName("next_check_at")] DateTimeOffset? NextCheckAt,
    [property: JsonPropertyName("account_email")] string? AccountEmail,
    [property: JsonPropertyName("account_project")] string? AccountProject)
{
    internal static ProviderKeyResponse From(ProviderKeyRecord key) => new(
        key.Provider, key.LastFour, key.Fingerprint, key.Status.ToText(), key.StatusDetail, key.CheckedAt, key.CoolingUntil, key.Version, key.CreatedAt, key.UpdatedAt, key.LastUsedAt,
        key.TriedAt, key.NextCheckAt, key.AccountEmail, key.AccountProject);
}

public sealed record ProviderKeyListResponse([property: JsonPropertyName("provider_keys")] IReadOnlyList<ProviderKeyResponse> ProviderKeys);

/// <param name="FromStatus">Null where the key was saved.</param>
/// <param name="Source"><c>save</c>, <c>worker</c>, <c>person</c>, or <c>switch</c> where the provider was made live or simulated.</param>
/// <param name="Cause"><c>schedule</c>, <c>live_failure</c> or <c>person</c>; null in lines of earlier versions.</param>
public sealed record KeyHistoryEntryResponse(
    [property: JsonPropertyName("id")] long Id,
    [property: JsonPropertyName("at")] DateTimeOffset At,
    [property: JsonPropertyName("version")] int Version,
    [property: JsonPropertyName("from_status")] string? FromStatus,
    [property: JsonPropertyName("to_status")] string ToStatus,
    [property: JsonPropertyName("reason")] string? Reason,
    [property: JsonPropertyName("source")] string Source,
    [property: JsonPropertyName("cause")] string? Cause,
    [property: JsonPropertyName("actor")] string? Actor,
    [property: JsonPropertyName("actor_id")] string? ActorId,
    [property: JsonPropertyName("trace_id")] string? TraceId)
{
    internal static KeyHistoryEntryResponse From(KeyHistoryEntry entry) => new(
        entry.Id, entry.At, entry.Version, entry.FromStatus?.ToText(), entry.ToStatus.ToText(), entry.Reason, entry.Source, entry.Cause, entry.Actor, entry.ActorId, entry.TraceId);
}

/// <param name="NextBefore">The <c>before</c> of the next, older page; null on the last.</param>
public sealed record KeyHistoryResponse(
    [property: JsonPropertyName("entries")] IReadOnlyList<KeyHistoryEntryResponse> Entries,
    [property: JsonPropertyName("next_before")] long? NextBefore);

/// <param name="Keys">How many keys will be checked.</param>
public sealed record RecheckResponse([property: JsonPropertyName("keys")] long Keys);

/// <param name="Actor"><c>admin</c>, <c>router_key</c> or <c>system</c>.</param>
/// <param name="Outcome"><c>done</c>, or the code the attempt was refused with.</param>
public sealed record AuditEntryResponse(
    [property: JsonPropertyName("id")] long Id,
    [property: JsonPropertyName("at")] DateTimeOffset At,
    [property: JsonPropertyName("actor")] string Actor,
    [property: JsonPropertyName("actor_id")] string? ActorId,
    [property: JsonPropertyName("client_ip")] string? ClientIp,
    [property: JsonPropertyName("trace_id")] string? TraceId,
    [property: JsonPropertyName("action")] string Action,
    [property: JsonPropertyName("target")] string Target,
    [property: JsonPropertyName("outcome")] string Outcome,
    [property: JsonPropertyName("from_status")] string? FromStatus,
    [property: JsonPropertyName("to_status")] string? ToStatus,
    [property: JsonPropertyName("changes")] JsonElement? Changes)
{
    internal static AuditEntryResponse From(AuditEntry entry) => new(
        entry.Id, entry.At, entry.Origin.Actor, entry.Origin.ActorId, entry.Origin.ClientIp, entry.Origin.TraceId,
        entry.Action, entry.Target, entry.Outcome, entry.FromStatus, entry.ToStatus, entry.Changes);
}

/// <param name="NextBefore">The <c>before</c> of the next, older page; null on the last.</param>
public sealed record AuditListResponse(
    [property: JsonPropertyName("entries")] IReadOnlyList<AuditEntryResponse> Entries,
    [property: JsonPropertyName("next_before")] long? NextBefore);

/// <param name="NextBefore">The <c>before</c> of the next, older page; null on the last.</param>
public sealed record AttemptListResponse(
    [property: JsonPropertyName("attempts")] IReadOnlyList<UsageRecord> Attempts,
    [property: JsonPropertyName("next_before")] string? NextBefore);

/// <param name="ListPrice">USD at the catalog's prices, of attempts that have one; null where none of those that may have been billed has.</param>
/// <param name="Charge">USD the workspace owes, likewise.</param>
/// <param name="Unpriced">Attempts that may have been billed at a price that is not known: what they cost is not in the sums.</param>
public sealed record UsageRow(
    [property: JsonPropertyName("group")] string Group,
    [property: JsonPropertyName("attempts")] long Attempts,
    [property: JsonPropertyName("failures")] long Failures,
    [property: JsonPropertyName("estimated")] long Estimated,
    [property: JsonPropertyName("input_tokens")] long InputTokens,
    [property: JsonPropertyName("cached_tokens")] long CachedTokens,
    [property: JsonPropertyName("output_tokens")] long OutputTokens,
    [property: JsonPropertyName("reasoning_tokens")] long ReasoningTokens,
    [property: JsonPropertyName("list_price_usd")] decimal? ListPrice,
    [property: JsonPropertyName("charge_usd")] decimal? Charge,
    [property: JsonPropertyName("unpriced")] long Unpriced,
    [property: JsonPropertyName("cache_write_tokens")] long CacheWriteTokens)
{
    internal static UsageRow From(UsageSum sum) => new(
        sum.Group, sum.Attempts, sum.Failures, sum.Estimated, sum.InputTokens, sum.CachedTokens, sum.OutputTokens, sum.ReasoningTokens, sum.ListPrice, sum.Charge, sum.Unpriced, sum.CacheWriteTokens);
}

/// <param name="From">What the sums begin with.</param>
public sealed record UsageResponse(
    [property: JsonPropertyName("group_by")] string GroupBy,
    [property: JsonPropertyName("from")] DateTimeOffset From,
    [property: JsonPropertyName("rows")] IReadOnlyList<UsageRow> Rows);

[JsonSourceGenerationOptions(MaxDepth = JsonDepth.Most)]
[JsonSerializable(typeof(AttemptListResponse))]
[JsonSerializable(typeof(UsageResponse))]
[JsonSerializable(typeof(AuditListResponse))]
[JsonSerializable(typeof(CreateWorkspaceRequest))]
[JsonSerializable(typeof(WorkspaceResponse))]
[JsonSerializable(typeof(WorkspaceListResponse))]
[JsonSerializable(typeof(WorkspacePolicyDocument))]
[JsonSerializable(typeof(CreateApiKeyRequest))]
[JsonSerializable(typeof(ApiKeyResponse))]
[JsonSerializable(typeof(ApiKeyListResponse))]
[JsonSerializable(typeof(SaveProviderKeyRequest))]
[JsonSerializable(typeof(ProviderKeyResponse))]
[JsonSerializable(typeof(ProviderKeyListResponse))]
[JsonSerializable(typeof(RecheckResponse))]
[JsonSerializable(typeof(ProviderListResponse))]
[JsonSerializable(typeof(ProviderResponse))]
[JsonSerializable(typeof(SwitchProviderRequest))]
[JsonSerializable(typeof(KeyHistoryResponse))]
[JsonSerializable(typeof(JsonDocument))]
[JsonSerializable(typeof(Dictionary<string, string[]>))]
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(DateTimeOffset?))]
[JsonSerializable(typeof(Guid?))]
[JsonSerializable(typeof(long?))]
[JsonSerializable(typeof(int))]
[JsonSerializable(typeof(string))]
public sealed partial class ControlPlaneJsonContext : JsonSerializerContext;
