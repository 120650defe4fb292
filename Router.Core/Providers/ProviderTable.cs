using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;
using System.Text.RegularExpressions;
using Router.Core.Failures;
using Router.Core.Providers.Gemini.Vertex;

namespace Router.Core.Providers;

/// <summary>The providers this build knows. Adding one of a known dialect is one entry here and one fixture.</summary>
public static partial class ProviderTable
{
    private const string CountedText = """{"contents":[{"role":"user","parts":[{"text":"Hi"}]}]}""";

    public static ImmutableArray<ProviderDefinition> All { get; } =
    [
        new()
        {
            Slug = "openai",
            DisplayName = "OpenAI",
            Dialect = WireDialect.OpenAI,
            BaseUrl = new("https://api.openai.com/v1"),
            SystemKeyVariables = ["OPENAI_API_KEY"],
            TelemetryName = "openai",
            KeyPage = new("https://platform.openai.com/api-keys"),
            KeyCheck = new("models", KeyProof.Models),
            Quirks = new()
            {
                ReasoningHistory = "",
                Models = [new(ReasoningModels(), ["temperature", "top_p", "frequency_penalty", "presence_penalty", "logit_bias", "logprobs", "top_logprobs"], Renames(("max_tokens", "max_completion_tokens")), Renames()) { Reasons = true }],
            },
            ErrorRules =
            [
                // An organization that was never verified may not use every model, or not as a stream.
                new(FailureClass.ModelAccess, 400, Text: "Your organization must be verified to *"),
            ],
        },
        new()
        {
            Slug = "anthropic",
            DisplayName = "Anthropic",
            Dialect = WireDialect.Anthropic,
            BaseUrl = new("https://api.anthropic.com/v1"),
            Auth = AuthScheme.XApiKey,
            SystemKeyVariables = ["ANTHROPIC_API_KEY"],
            TelemetryName = "anthropic",
            KeyPage = new("https://console.anthropic.com/settings/keys"),
            KeyCheck = new("models?limit=1", KeyProof.Models),
        },
        new()
        {
            Slug = "google-ai-studio",
            Aliases = ["google"],
            DisplayName = "Google AI Studio",
            Dialect = WireDialect.Gemini,
            BaseUrl = new("https://generativelanguage.googleapis.com/v1beta"),
            Auth = AuthScheme.XGoogApiKey,
            SystemKeyVariables = ["GOOGLE_API_KEY", "GEMINI_API_KEY"],
            TelemetryName = "gcp.gemini",
            KeyPage = new("https://aistudio.google.com/apikey"),
            // Some keys list models and still may not use one; counting tokens is free and needs a key that may.
            KeyCheck = new("models/gemini-flash-latest:countTokens", KeyProof.Member("totalTokens", JsonValueKind.Number), CountedText),
        },
        new()
        {
            Slug = "google-vertex",
            DisplayName = "Google Vertex AI",
            Dialect = WireDialect.Vertex,
            BaseUrl = new("https://aiplatform.googleapis.com/v1"),
            Auth = AuthScheme.XGoogApiKey,
            ServiceAccounts = true,
            AccountProblem = VertexCredential.Problem,
            SystemKeyVariables = ["GOOGLE_VERTEX_SERVICE_ACCOUNT", "GOOGLE_APPLICATION_CREDENTIALS_JSON", "GOOGLE_VERTEX_API_KEY"],
            CompleteSystemKey = static (key, setting) => VertexCredential.Complete(key, setting("GOOGLE_CLOUD_PROJECT"), setting("GOOGLE_CLOUD_LOCATION")),
            TelemetryName = "gcp.vertex_ai",
            KeyPage = new("https://console.cloud.google.com/iam-admin/serviceaccounts"),
            KeyCheck = new("models/gemini-2.5-flash:countTokens", KeyProof.Member("totalTokens", JsonValueKind.Number), CountedText),
            ErrorRules =
            [
                // Capacity that all projects share; a project's own quota is named in the sentence.
                new(FailureClass.Transient, 429, "RESOURCE_EXHAUSTED", "Resource exhausted*") { NoQuota = true },
            ],
        },
        new()
        {
            Slug = "cerebras",
            DisplayName = "Cerebras",
            Dialect = WireDialect.OpenAI,
            BaseUrl = new("https://api.cerebras.ai/v1"),
            SystemKeyVariables = ["CEREBRAS_API_KEY"],
            TelemetryName = "cerebras",
            KeyPage = new("https://cloud.cerebras.ai"),
            KeyCheck = new("models", KeyProof.Models),
            Quirks = new()
            {
                DeveloperIsSystem = true,
                ReasoningHistory = "reasoning",
                Models = [new(GptOss(), [], Renames(), Renames(("none", "low"), ("minimal", "low"))) { Reasons = true }],
            },
            ErrorRules =
            [
                new(FailureClass.Transient, 429, "queue_exceeded"),
            ],
        },
        new()
        {
            Slug = "deepinfra",
            DisplayName = "DeepInfra",
            Dialect = WireDialect.OpenAI,
            BaseUrl = new("https://api.deepinfra.com/v1/openai"),
            SystemKeyVariables = ["DEEPINFRA_API_KEY", "DEEPINFRA_TOKEN"],
            TelemetryName = "deepinfra",
            KeyPage = new("https://deepinfra.com/dash/api_keys"),
            // Its model list is public and accepts any string; the limits page needs the key.
            KeyCheck = new("/v1/me/rate_limit", KeyProof.Member("rate_limit", JsonValueKind.Object, JsonValueKind.Number)),
            Quirks = new() { OutputLimit = "max_tokens", Renamed = Renames(("max_completion_tokens", "max_tokens")), DeveloperIsSystem = true },
            ErrorRules =
            [
                new(FailureClass.Transient, 429, Text: "Model busy*"),
                new(FailureClass.Credential, 403, Text: "*not authenticated*"),
            ],
        },
        new()
        {
            Slug = "fireworks",
            DisplayName = "Fireworks AI",
            Dialect = WireDialect.OpenAI,
            BaseUrl = new("https://api.fireworks.ai/inference/v1"),
            SystemKeyVariables = ["FIREWORKS_API_KEY"],
            TelemetryName = "fireworks",
            KeyPage = new("https://app.fireworks.ai/settings/users/api-keys"),
            // The inference model list answers 500 for some valid keys.
            KeyCheck = new("/v1/accounts/fireworks/models?pageSize=1", KeyProof.List("models", "name")),
            Quirks = new()
            {
                Exclusive = [("max_tokens", "max_completion_tokens")],
                ReasoningHistory = "reasoning_content",
                Models = [new(GptOss(), [], Renames(), Renames(("none", "low"))) { Reasons = true }],
            },
            ErrorRules =
            [
                // The account is suspended, or a bill is unpaid.
                new(FailureClass.Quota, 412),
            ],
        },
        new()
        {
            Slug = "mistral",
            DisplayName = "Mistral AI",
            Dialect = WireDialect.OpenAI,
            BaseUrl = new("https://api.mistral.ai/v1"),
            SystemKeyVariables = ["MISTRAL_API_KEY"],
            TelemetryName = "mistral_ai",
            KeyPage = new("https://console.mistral.ai/api-keys"),
            KeyCheck = new("models", KeyProof.Models),
            Quirks = new()
            {
                StreamOptions = false,
                OutputLimit = "max_tokens",
                Renamed = Renames(("seed", "random_seed"), ("max_completion_tokens", "max_tokens")),
                // Any other member is refused together with the request.
                Accepted = Names(
                    "messages", "temperature", "top_p", "max_tokens", "random_seed", "stop", "n", "presence_penalty", "frequency_penalty",
                    "response_format", "tools", "tool_choice", "parallel_tool_calls", "prediction", "reasoning_effort", "prompt_mode",
                    "safe_prompt", "guardrails", "prompt_cache_key", "metadata"),
                DeveloperIsSystem = true,
                ReasoningHistory = "",
                NineCharacterCallIds = true,
                ContentParts = true,
            },
            ErrorRules =
            [
                // The key is known and its account has no plan, whatever the status says.
                new(FailureClass.Quota, 401, Text: "Inactive subscription or usage limit reached*"),
                new(FailureClass.Quota, 403, Text: "Inactive subscription or usage limit reached*"),
                new(FailureClass.Transient, 429, "service_tier_capacity_exceeded"),
                new(FailureClass.Transient, 429, "3505"),
                new(FailureClass.ContextLength, 400, Text: "Prompt contains * tokens*too large for model*"),
            ],
        },
        new()
        {
            Slug = "groq",
            DisplayName = "Groq",
            Dialect = WireDialect.OpenAI,
            BaseUrl = new("https://api.groq.com/openai/v1"),
            SystemKeyVariables = ["GROQ_API_KEY"],
            TelemetryName = "groq",
            KeyPage = new("https://console.groq.com/keys"),
            KeyCheck = new("models", KeyProof.Models),
            Quirks = new() { Refused = ["logprobs", "top_logprobs", "logit_bias", "frequency_penalty", "presence_penalty"], ReasoningHistory = "reasoning" },
            ErrorRules =
            [
                new(FailureClass.Quota, Word: "blocked_api_access"),
                new(FailureClass.Credential, Word: "organization_restricted"),
                new(FailureClass.Transient, 498),
                // The model's own slips, sent as if the request were at fault: another try may do better.
                new(FailureClass.Transient, Word: "tool_use_failed") { OfRequest = true },
                new(FailureClass.Transient, Word: "json_validate_failed") { OfRequest = true },
                new(FailureClass.Transient, Word: "output_parse_failed") { OfRequest = true },
                new(FailureClass.RegionBlocked, 403, Text: "Access denied. Please check your network settings*"),
            ],
        },
        new()
        {
            Slug = "xai",
            DisplayName = "xAI",
            Dialect = WireDialect.OpenAI,
            BaseUrl = new("https://api.x.ai/v1"),
            SystemKeyVariables = ["XAI_API_KEY"],
            TelemetryName = "x_ai",
            KeyPage = new("https://console.x.ai"),
            // Free, and says why a key is refused: blocked key, blocked team, missing permission.
            KeyCheck = new("api-key", KeyProof.Member("api_key_blocked", JsonValueKind.True, JsonValueKind.False)) { DeadWhenTrue = ["api_key_blocked", "api_key_disabled", "team_blocked"] },
            Quirks = new() { ReasoningHistory = "reasoning_content" },
            ErrorRules =
            [
                // A wrong key is a bad request.
                new(FailureClass.Credential, 400, Text: "Incorrect API key provided*"),
                new(FailureClass.Credential, 400, Text: "API key * has expired*"),
                new(FailureClass.Quota, Word: "personal-team-blocked:spending-limit"),
                // Of the prompt, under the status of a missing right: no other key and no other model is to see it.
                new(FailureClass.CallerFault, 403, Text: "Content violates usage guidelines*"),
                new(FailureClass.ModelAccess, 400, Text: "Model not found: *"),
                new(FailureClass.Quota, 403, Text: "*doesn't have any credits*yet*"),
                new(FailureClass.Quota, 403, Text: "*run out of credits*"),
                new(FailureClass.Quota, 403, Text: "*used all available credits*"),
                new(FailureClass.Quota, 429, Text: "*used all available credits*"),
                new(FailureClass.ContextLength, 400, Text: "This model's maximum prompt length is *"),
            ],
        },
    ];

    private static readonly FrozenDictionary<string, ProviderDefinition> BySlug = All
        .SelectMany(provider => provider.Aliases.Add(provider.Slug).Select(name => KeyValuePair.Create(name, provider)))
        .ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>Finds a provider by slug or alias.</summary>
    public static bool TryFind(string slug, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out ProviderDefinition? provider) =>
        BySlug.TryGetValue(slug, out provider);

    private static FrozenDictionary<string, string> Renames(params (string From, string To)[] pairs) =>
        pairs.ToFrozenDictionary(pair => pair.From, pair => pair.To, StringComparer.Ordinal);

    private static FrozenSet<string> Names(params string[] names) => names.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Models that reason before they answer and refuse sampling settings.</summary>
    [GeneratedRegex(@"^(?:o[134](?:-|$)|gpt-5(?![.\d])(?!-chat))", RegexOptions.CultureInvariant)]
    private static partial Regex ReasoningModels();

    [GeneratedRegex("gpt-oss", RegexOptions.CultureInvariant)]
    private static partial Regex GptOss();
}
