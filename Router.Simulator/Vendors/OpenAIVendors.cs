using System.Text.Json.Nodes;
using Router.Simulator.Wire;

namespace Router.Simulator.Vendors;

/// <summary>OpenAI, and the stand-in for every slug that has no entry of its own.</summary>
internal static class OpenAIVendors
{
    private static readonly string[] OffForReasoning =
        ["max_tokens", "temperature", "top_p", "presence_penalty", "frequency_penalty", "logit_bias", "logprobs", "top_logprobs"];

    public static readonly Vendor OpenAI = new()
    {
        Slug = "openai",
        NullUsageInChunks = true,
        StatusTypes = new Dictionary<int, string> { [500] = "server_error" },
        Envelope = Envelopes.OpenAI,
        StreamError = Envelopes.OpenAI,
        Models = ["gpt-4o", "gpt-4o-mini", "gpt-4.1", "gpt-5", "gpt-5-mini", "o3"],
        Headers =
        [
            ("openai-version", "2020-10-01"), ("openai-processing-ms", "12"), ("openai-organization", "simulated-org"),
            ("x-ratelimit-limit-requests", "10000"), ("x-ratelimit-remaining-requests", "9999"), ("x-ratelimit-reset-requests", "6ms"),
            ("x-ratelimit-limit-tokens", "2000000"), ("x-ratelimit-remaining-tokens", "1999000"), ("x-ratelimit-reset-tokens", "12ms"),
        ],
        Rules =
        [
            BodyRules.MissingModel, BodyRules.MissingMessages, BodyRules.TooManyStops, BodyRules.JsonModeNeedsTheWord,
            .. OffForReasoning.Select(field => new BodyRule(
                body => IsReasoningModel(body.Str("model")) && body.Has(field) && !IsDefault(body, field),
                field == "max_tokens"
                    ? new(400, "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.", "invalid_request_error", "unsupported_parameter", field)
                    : new(400, $"Unsupported parameter: '{field}' is not supported with this model.", "invalid_request_error", "unsupported_parameter", field))),
        ],
        Troubles = new Dictionary<Trouble, Failure>
        {
            [Trouble.MissingKey] = new(401, "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).", "invalid_request_error"),
            [Trouble.WrongKey] = new(401, "Incorrect API key provided: {key}. You can find your API key at https://platform.openai.com/account/api-keys.", "invalid_request_error", "invalid_api_key"),
            [Trouble.Expired] = new(401, "Your API key {key} has expired.", "invalid_request_error", "invalid_api_key"),
            [Trouble.Revoked] = new(401, "Your API key {key} has been revoked.", "invalid_request_error", "invalid_api_key"),
            [Trouble.NoCredit] = new(429, "You exceeded your current quota, please check your plan and billing details.", "insufficient_quota", "insufficient_quota"),
            [Trouble.RateLimited] = new(429, "Rate limit reached for {model} on requests per min (RPM): Limit 3, Used 3, Requested 1. Please try again in {seconds}s.", "requests", "rate_limit_exceeded"),
            [Trouble.NoAccess] = new(404, "The model `{model}` does not exist or you do not have access to it.", "invalid_request_error", "model_not_found"),
            [Trouble.Restricted] = new(403, "You have insufficient permissions for this operation. Missing scopes: api.model.read.", "invalid_request_error", "missing_scope"),
            [Trouble.Down] = new(503, "The server is currently overloaded with other requests. Sorry about that!", "service_unavailable_error", "server_is_overloaded"),
            [Trouble.Region] = new(403, "Country, region, or territory not supported", "request_forbidden", "unsupported_country_region_territory"),
            [Trouble.BadRequest] = new(400, "", "invalid_request_error"),
        },
    };

    private static bool IsReasoningModel(string? model) => model is not null
        && (model.StartsWith("gpt-5", StringComparison.Ordinal) || (model.Length > 1 && model[0] == 'o' && char.IsAsciiDigit(model[1])));

    private static bool IsDefault(JsonObject body, string field) => field switch
    {
        "temperature" or "top_p" => body[field]!.ToJsonString() is "1" or "1.0" || body.Str("reasoning_effort") == "none",
        "presence_penalty" or "frequency_penalty" => body[field]!.ToJsonString() is "0" or "0.0",
        "logprobs" => !body.Flag(field),
        _ => false,
    };
}
