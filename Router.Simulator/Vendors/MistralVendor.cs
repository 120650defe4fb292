using System.Text.Json.Nodes;
using Router.Simulator.Wire;

namespace Router.Simulator.Vendors;

internal static class MistralVendor
{
    private const string Invalid = "invalid_request_error";

    public static readonly Vendor Mistral = new()
    {
        Slug = "mistral",
        Envelope = Envelopes.Mistral,
        StreamError = Envelopes.MistralStream,
        Models = ["mistral-large-latest", "mistral-medium-latest", "mistral-small-latest", "magistral-medium-latest"],
        Reasoning = ReasoningStyle.ThinkingParts,
        StreamUsage = StreamUsage.WithFinish,
        ToolIdLength = 9,
        ToolIdPrefix = "",
        Headers =
        [
            ("x-ratelimit-limit-req-minute", "360"), ("x-ratelimit-remaining-req-minute", "359"),
            ("x-ratelimit-limit-tokens-minute", "500000"), ("x-ratelimit-remaining-tokens-minute", "499900"),
            ("x-ratelimit-tokens-query-cost", "100"),
        ],
        Fields = new HashSet<string>(StringComparer.Ordinal)
        {
            "model", "messages", "temperature", "top_p", "max_tokens", "stream", "stop", "random_seed", "metadata", "response_format",
            "tools", "tool_choice", "presence_penalty", "frequency_penalty", "n", "prediction", "parallel_tool_calls", "prompt_mode",
            "reasoning_effort", "safe_prompt", "guardrails", "prompt_cache_key",
        },
        ExtraField = Extra,
        Rules =
        [
            new(body => string.IsNullOrEmpty(body.Str("model")), Missing("model")),
            new(body => body.Arr("messages") is not { Count: > 0 }, Missing("messages")),
            BodyRules.NoDeveloperRole(422, Invalid, raw: """{"object":"error","message":{"detail":[{"type":"union_tag_invalid","loc":["body","messages",0],"msg":"Input tag 'developer' found using 'role' does not match any of the expected tags: 'assistant', 'system', 'tool', 'user'"}]},"type":"invalid_request_error","param":null,"code":null,"raw_status_code":422}"""),
            new(HasForeignToolId, new(400, "Tool call id has to be defined and must be a-z, A-Z, 0-9, with a length of 9.", "invalid_function_call", "3280")),
            new(EndsWithAssistant, new(400, "Expected last role User or Tool (or Assistant with prefix True) for serving but got assistant", "invalid_request_message_order", "3230")),
            BodyRules.JsonModeNeedsTheWord,
        ],
        Troubles = new Dictionary<Trouble, Failure>
        {
            [Trouble.MissingKey] = new(401, "Unauthorized", Raw: """{"detail":"Unauthorized"}"""),
            [Trouble.WrongKey] = new(401, "Unauthorized", Raw: """{"detail":"Unauthorized"}"""),
            [Trouble.Expired] = new(401, "Unauthorized", Raw: """{"message":"Unauthorized","request_id":"simulated"}"""),
            [Trouble.Revoked] = new(401, "Unauthorized", Raw: """{"detail":"Unauthorized"}"""),
            [Trouble.NoCredit] = new(402, "Payment required. Please check your billing details.", "payment_required", "1402"),
            [Trouble.RateLimited] = new(429, "Rate limit exceeded", "rate_limited", "1300"),
            [Trouble.NoAccess] = new(403, "You do not have access to model {model}", "invalid_model", "1500"),
            [Trouble.Restricted] = new(403, "Forbidden", "forbidden", "1403"),
            [Trouble.Down] = new(503, "Service unavailable.", "internal_server_error", "1503"),
            [Trouble.Region] = new(403, "Access from your region is not permitted", "region_not_supported", "1403"),
            [Trouble.BadRequest] = new(400, "", Invalid, "1051"),
        },
    };

    private static Failure Extra(string field) => new(422, "Extra inputs are not permitted", Invalid, null, field,
        $$$"""{"object":"error","message":{"detail":[{"type":"extra_forbidden","loc":["body",{{{Json.Text(field)}}}],"msg":"Extra inputs are not permitted","input":null}]},"type":"invalid_request_error","param":null,"code":null,"raw_status_code":422}""");

    private static Failure Missing(string field) => new(422, "Field required", Invalid, null, field,
        $$$"""{"detail":[{"type":"missing","loc":["body","{{{field}}}"],"msg":"Field required","input":null}]}""");

    private static bool HasForeignToolId(JsonObject body) => BodyRules.Messages(body)
        .SelectMany(m => (m.Arr("tool_calls")?.Select(call => call.Str("id")) ?? []).Append(m.Str("role") == "tool" ? m.Str("tool_call_id") ?? "" : null))
        .Any(id => id is not null && (id.Length != 9 || !id.All(char.IsAsciiLetterOrDigit)));

    private static bool EndsWithAssistant(JsonObject body) =>
        BodyRules.Messages(body).LastOrDefault() is { } last && last.Str("role") == "assistant" && !last.Flag("prefix");
}
