using Router.Simulator.Wire;

namespace Router.Simulator.Vendors;

/// <summary>Groq and Cerebras.</summary>
internal static class FastVendors
{
    private const string Invalid = "invalid_request_error";

    public static readonly Vendor Groq = new()
    {
        Slug = "groq",
        Envelope = Envelopes.OpenAI,
        StreamError = Envelopes.OpenAI,
        Models = ["openai/gpt-oss-120b", "openai/gpt-oss-20b", "llama-3.3-70b-versatile", "qwen/qwen3-32b"],
        Reasoning = ReasoningStyle.Reasoning,
        UsageInVendorField = true,
        UsageExtra = ""","queue_time":0.018,"prompt_time":0.002,"completion_time":0.05,"total_time":0.052""",
        Headers =
        [
            ("x-ratelimit-limit-requests", "14400"), ("x-ratelimit-remaining-requests", "14399"), ("x-ratelimit-reset-requests", "2m59.56s"),
            ("x-ratelimit-limit-tokens", "18000"), ("x-ratelimit-remaining-tokens", "17997"), ("x-ratelimit-reset-tokens", "7.66s"),
        ],
        Rules =
        [
            BodyRules.MissingModel, BodyRules.MissingMessages, BodyRules.TooManyStops,
            new(body => body.Int("n") is > 1, new(400, "'n' : number must be at most 1", Invalid, null, "n")),
            .. new[] { "logprobs", "top_logprobs", "logit_bias", "store", "metadata" }.Select(field => new BodyRule(
                body => body.Has(field) && (field != "logprobs" || body.Flag(field)),
                new(400, $"property '{field}' is unsupported", Invalid, null, field))),
            BodyRules.NotBoth("reasoning_format", "include_reasoning"),
            new(body => body.Arr("tools") is { Count: > 128 }, new(400, "'tools' : maximum number of items is 128", Invalid, null, "tools")),
        ],
        Troubles = new Dictionary<Trouble, Failure>
        {
            [Trouble.MissingKey] = new(401, "Invalid API Key", Invalid, "invalid_api_key"),
            [Trouble.WrongKey] = new(401, "Invalid API Key", Invalid, "invalid_api_key"),
            [Trouble.Expired] = new(401, "Expired API Key", Invalid, "expired_api_key"),
            [Trouble.Revoked] = new(401, "Invalid API Key", Invalid, "invalid_api_key"),
            [Trouble.NoCredit] = new(400, "Your organization has reached its spend limit. API access is blocked until the limit is raised.", Invalid, "blocked_api_access"),
            [Trouble.RateLimited] = new(429, "Rate limit reached for model `{model}` in organization `org_sim` on tokens per minute (TPM): Limit 6000, Used 5999, Requested 100. Please try again in {seconds}s.", "tokens", "rate_limit_exceeded"),
            [Trouble.NoAccess] = new(404, "The model `{model}` does not exist or you do not have access to it.", Invalid, "model_not_found"),
            [Trouble.Restricted] = new(403, "This API key is not permitted to list models.", Invalid, "permission_denied"),
            [Trouble.Down] = new(503, "Service unavailable. Please try again later.", "internal_server_error", "service_unavailable"),
            [Trouble.Region] = new(403, "Access denied. Please check your network settings.", "forbidden"),
            [Trouble.BadRequest] = new(400, "", Invalid),
        },
    };

    public static readonly Vendor Cerebras = new()
    {
        Slug = "cerebras",
        Envelope = Envelopes.Flat,
        StreamError = Envelopes.CerebrasStream,
        Models = ["gpt-oss-120b", "llama3.1-8b", "qwen-3-235b-a22b-instruct-2507"],
        Reasoning = ReasoningStyle.Reasoning,
        UsageChunkExtra = ""","time_info":{"queue_time":0.0001,"prompt_time":0.002,"completion_time":0.01,"total_time":0.0121,"created":1700000000.5}""",
        Headers =
        [
            ("x-ratelimit-limit-requests-day", "14400"), ("x-ratelimit-remaining-requests-day", "14399"), ("x-ratelimit-reset-requests-day", "33011.382867"),
            ("x-ratelimit-limit-tokens-minute", "60000"), ("x-ratelimit-remaining-tokens-minute", "59900"), ("x-ratelimit-reset-tokens-minute", "11.382867"),
        ],
        Rules =
        [
            BodyRules.MissingModel, BodyRules.MissingMessages, BodyRules.TooManyStops,
            BodyRules.NoDeveloperRole(422, Invalid, "wrong_api_format"),
            BodyRules.NoMessageField("reasoning_content", 400, Invalid, "wrong_api_format"),
            BodyRules.EffortNot("gpt-oss", Invalid, "none", "minimal"),
        ],
        Troubles = new Dictionary<Trouble, Failure>
        {
            [Trouble.MissingKey] = new(401, "Missing API Key", Invalid, "wrong_api_key", "api_key"),
            [Trouble.WrongKey] = new(401, "Wrong API Key", Invalid, "wrong_api_key", "api_key"),
            [Trouble.Expired] = new(401, "Wrong API Key", Invalid, "wrong_api_key", "api_key"),
            [Trouble.Revoked] = new(401, "Wrong API Key", Invalid, "wrong_api_key", "api_key"),
            [Trouble.NoCredit] = new(402, "Payment required to access this resource.", "payment_required_error", "payment_required"),
            [Trouble.RateLimited] = new(429, "Requests per minute limit exceeded - too many requests sent.", "too_many_requests_error", "request_quota_exceeded", "quota"),
            [Trouble.NoAccess] = new(404, "Model {model} does not exist or you do not have access to it.", "not_found_error", "model_not_found", "model"),
            [Trouble.Restricted] = new(403, "Permission denied.", "permission_denied_error", "permission_denied"),
            [Trouble.Down] = new(503, "Service unavailable.", "server_error", "service_unavailable"),
            [Trouble.Region] = new(403, "Access from your region is not permitted.", "permission_denied_error", "region_not_supported"),
            [Trouble.BadRequest] = new(400, "", Invalid, "wrong_api_format"),
        },
    };
}
