using Router.Simulator.Wire;

namespace Router.Simulator.Vendors;

/// <summary>DeepInfra and Fireworks.</summary>
internal static class OpenModelVendors
{
    private const string Invalid = "invalid_request_error";

    public static readonly Vendor DeepInfra = new()
    {
        Slug = "deepinfra",
        Envelope = Envelopes.OpenAI,
        StreamError = Envelopes.OpenAI,
        Models = ["meta-llama/Llama-3.3-70B-Instruct", "openai/gpt-oss-120b", "deepseek-ai/DeepSeek-V3"],
        Reasoning = ReasoningStyle.ReasoningContent,
        PublicModelList = true,
        UsageExtra = ""","estimated_cost":1.23e-06""",
        Rules =
        [
            new(body => string.IsNullOrEmpty(body.Str("model")), Missing("model")),
            new(body => body.Arr("messages") is not { Count: > 0 }, Missing("messages")),
            BodyRules.NoDeveloperRole(422, Invalid, raw: """{"detail":[{"loc":["body","messages",0,"role"],"msg":"unexpected value; permitted: 'system', 'user', 'assistant', 'tool'","type":"value_error.const"}]}"""),
        ],
        Troubles = new Dictionary<Trouble, Failure>
        {
            [Trouble.MissingKey] = new(401, "Not authenticated", Raw: """{"detail":"Not authenticated"}"""),
            [Trouble.WrongKey] = new(401, "User {key} not authenticated", Raw: """{"detail":{"error":"User not authenticated"}}"""),
            [Trouble.Expired] = new(401, "", Raw: """{"detail":{"error":"Token expired"}}"""),
            [Trouble.Revoked] = new(403, "", Raw: """{"detail":"Not authenticated"}"""),
            [Trouble.NoCredit] = new(402, "", Raw: """{"detail":{"error":"Insufficient balance: please top up your account"}}"""),
            [Trouble.RateLimited] = new(429, "Rate limited", "rate_limit_error", "rate_limited"),
            [Trouble.NoAccess] = new(404, "The model `{model}` does not exist", Invalid, "model_not_found", "model"),
            [Trouble.Restricted] = new(403, "", Raw: """{"detail":{"error":"Token is not allowed to call this endpoint"}}"""),
            [Trouble.Down] = new(503, "Service temporarily unavailable", "server_error", "service_unavailable"),
            [Trouble.Region] = new(403, "Access from your country is not allowed", "forbidden", "region_blocked"),
            [Trouble.BadRequest] = new(400, "", Invalid),
        },
    };

    public static readonly Vendor Fireworks = new()
    {
        Slug = "fireworks",
        Envelope = Envelopes.Fireworks,
        StreamError = Envelopes.Fireworks,
        Models = ["accounts/fireworks/models/gpt-oss-120b", "accounts/fireworks/models/llama-v3p3-70b-instruct", "accounts/fireworks/models/deepseek-v3"],
        Reasoning = ReasoningStyle.ReasoningContent,
        StreamUsage = StreamUsage.Always,
        Headers =
        [
            ("fireworks-server-processing-time", "0.012"), ("fireworks-prompt-tokens", "8"),
            ("x-ratelimit-limit-tokens-prompt", "60000"), ("x-ratelimit-limit-tokens-generated", "6000"),
        ],
        Rules =
        [
            BodyRules.MissingModel, BodyRules.MissingMessages, BodyRules.TooManyStops,
            BodyRules.NotBoth("max_tokens", "max_completion_tokens"),
            BodyRules.NotBoth("reasoning_effort", "thinking"),
            BodyRules.NoDeveloperRole(400, Invalid),
            BodyRules.EffortNot("gpt-oss", Invalid, "none"),
        ],
        Troubles = new Dictionary<Trouble, Failure>
        {
            [Trouble.MissingKey] = new(401, "The API key you provided is invalid.", "error", "UNAUTHORIZED"),
            [Trouble.WrongKey] = new(401, "The API key you provided is invalid.", "error", "UNAUTHORIZED"),
            [Trouble.Expired] = new(401, "The API key you provided has expired.", "error", "UNAUTHORIZED"),
            [Trouble.Revoked] = new(403, "The API key you provided is invalid.", "error", "FORBIDDEN"),
            [Trouble.NoCredit] = new(412, "Account simulated is suspended, possibly due to reaching the monthly spending limit or failure to pay past invoices.", "error", "PRECONDITION_FAILED"),
            [Trouble.RateLimited] = new(429, "Rate limit exceeded, please try again later", "error", "RATE_LIMIT_EXCEEDED"),
            [Trouble.NoAccess] = new(404, "Model not found, inaccessible, and/or not deployed: {model}", "error", "NOT_FOUND"),
            [Trouble.Restricted] = new(403, "The API key has no permission to list models.", "error", "FORBIDDEN"),
            [Trouble.Down] = new(503, "The service is temporarily overloaded.", "error", "SERVICE_UNAVAILABLE"),
            [Trouble.Region] = new(403, "Access from your region is not allowed.", "error", "FORBIDDEN"),
            [Trouble.BadRequest] = new(400, "", Invalid),
        },
    };

    private static Failure Missing(string field) => new(422, "field required", Invalid, null, field,
        $$"""{"detail":[{"loc":["body","{{field}}"],"msg":"field required","type":"value_error.missing"}]}""");
}
