namespace Router.Simulator.Vendors;

internal static class AnthropicVendor
{
    private const string Invalid = "invalid_request_error";

    public static readonly Vendor Anthropic = new()
    {
        Slug = "anthropic",
        Envelope = Envelopes.Anthropic,
        StreamError = Envelopes.Anthropic,
        List = ListShape.Anthropic,
        RequiredHeader = "anthropic-version",
        RequestIdHeader = "request-id",
        StreamErrorStatus = 529,
        StatusTypes = new Dictionary<int, string> { [413] = "request_too_large", [504] = "timeout_error", [529] = "overloaded_error" },
        Models = ["claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5", "claude-opus-4-6", "claude-sonnet-4-5-20250929"],
        Headers =
        [
            ("anthropic-organization-id", "00000000-0000-4000-8000-000000000001"),
            ("anthropic-ratelimit-requests-limit", "4000"), ("anthropic-ratelimit-requests-remaining", "3999"), ("anthropic-ratelimit-requests-reset", "2030-01-01T00:00:01Z"),
            ("anthropic-ratelimit-tokens-limit", "480000"), ("anthropic-ratelimit-tokens-remaining", "479000"), ("anthropic-ratelimit-tokens-reset", "2030-01-01T00:00:01Z"),
        ],
        Troubles = new Dictionary<Trouble, Failure>
        {
            [Trouble.MissingKey] = new(401, "x-api-key header is required", "authentication_error"),
            [Trouble.WrongKey] = new(401, "invalid x-api-key", "authentication_error"),
            [Trouble.Expired] = new(401, "API key has expired", "authentication_error"),
            [Trouble.Revoked] = new(401, "invalid x-api-key", "authentication_error"),
            [Trouble.NoCredit] = new(400, "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.", Invalid),
            [Trouble.RateLimited] = new(429, "This request would exceed your organization's rate limit of 50 requests per minute.", "rate_limit_error"),
            [Trouble.NoAccess] = new(404, "model: {model}", "not_found_error"),
            [Trouble.Restricted] = new(403, "Your API key does not have permission to use the specified resource.", "permission_error"),
            [Trouble.Down] = new(503, "Service unavailable", "api_error"),
            [Trouble.Region] = new(403, "Request not allowed", Raw: """{"error":{"type":"forbidden","message":"Request not allowed"}}"""),
            [Trouble.BadRequest] = new(400, "", Invalid),
        },
    };
}
