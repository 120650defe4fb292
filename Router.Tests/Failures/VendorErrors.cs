using Router.Core.Failures;

namespace Router.Tests.Failures;

/// <param name="Provider">Its slug.</param>
/// <param name="Body">As the vendor sent it; names of accounts are replaced.</param>
/// <param name="Source">Where it can be read.</param>
public sealed record VendorError(string Provider, int Status, string Body, FailureClass Expected, string Source)
{
    /// <summary>Only the sentence says so.</summary>
    public bool ByWording { get; init; }

    /// <summary>It says nothing of the key.</summary>
    public bool OfRequest { get; init; }
}

/// <summary>Errors that vendors really sent, and what they are.</summary>
public static class VendorErrors
{
    public static IReadOnlyList<VendorError> All { get; } =
    [
        // OpenAI.
        new("openai", 401, """{"error":{"message":"Incorrect API key provided: sk-***. You can find your API key at https://platform.openai.com/account/api-keys.","type":"invalid_request_error","param":null,"code":"invalid_api_key"}}""", FailureClass.Credential, "openai error-codes guide"),
        new("openai", 401, """{"error":{"message":"You have insufficient permissions for this operation. Missing scopes: model.request. Check that you have the correct role in your organization.","type":"invalid_request_error","param":null,"code":null}}""", FailureClass.ModelAccess, "community.openai.com, restricted keys") { ByWording = true },
        new("openai", 401, """{"error":{"message":"Insufficient permissions. Missing scopes: model.request.","type":"invalid_request_error","param":null,"code":"missing_scope"}}""", FailureClass.ModelAccess, "openai restricted keys"),
        new("openai", 429, """{"error":{"message":"You exceeded your current quota, please check your plan and billing details.","type":"insufficient_quota","param":null,"code":"insufficient_quota"}}""", FailureClass.Quota, "openai error-codes guide"),
        new("openai", 429, """{"error":{"message":"Rate limit reached for gpt-4o in organization org-0 on tokens per min (TPM): Limit 30000, Used 29000, Requested 2000. Please try again in 2s.","type":"tokens","param":null,"code":"rate_limit_exceeded"}}""", FailureClass.RateLimit, "openai rate-limits guide"),
        new("openai", 429, """{"error":{"message":"Request too large for gpt-4o in organization org-0 on tokens per min (TPM): Limit 30000, Requested 61337. The input or output tokens must be reduced in order to run successfully.","type":"tokens","param":null,"code":"rate_limit_exceeded"}}""", FailureClass.RateLimit, "continuedev/continue#10602") { ByWording = true, OfRequest = true },
        new("openai", 429, """{"error":{"message":"The engine is currently overloaded, please try again later","type":"server_error","param":null,"code":null}}""", FailureClass.Transient, "openai error-codes guide"),
        new("openai", 429, """{"error":{"message":"The engine is currently overloaded, please try again later","type":"engine_overloaded_error"}}""", FailureClass.Transient, "666ghj/BettaFish#292"),
        new("openai", 429, """{"error":{"message":"That model is currently overloaded with other requests. You can retry your request.","type":"requests","param":null,"code":null}}""", FailureClass.Transient, "openai/openai-python#414") { ByWording = true },
        new("openai", 404, """{"error":{"message":"The model `gpt-5` does not exist or you do not have access to it.","type":"invalid_request_error","param":null,"code":"model_not_found"}}""", FailureClass.ModelAccess, "openai error-codes guide"),
        new("openai", 403, """{"error":{"message":"Project `proj_0` does not have access to model `gpt-4o`","type":"invalid_request_error","param":null,"code":"model_not_found"}}""", FailureClass.ModelAccess, "Aider-AI/aider#604"),
        new("openai", 403, """{"error":{"message":"You are not allowed to sample from this model","type":"invalid_request_error","param":null,"code":null}}""", FailureClass.ModelAccess, "agentjido/req_llm fixtures"),
        new("openai", 404, """{"error":{"message":"This is not a chat model and thus not supported in the v1/chat/completions endpoint. Did you mean to use v1/completions?","type":"invalid_request_error","param":"model","code":null}}""", FailureClass.ModelAccess, "agentjido/req_llm fixtures"),
        new("openai", 404, """{"error":{"message":"tools is not supported in this model. For a list of supported models, refer to https://platform.openai.com/docs/guides/function-calling#models-supporting-function-calling.","type":"invalid_request_error","param":null,"code":null}}""", FailureClass.CallerFault, "agentjido/req_llm fixtures"),
        new("openai", 400, """{"error":{"message":"Your organization must be verified to stream this model. Please go to: https://platform.openai.com/settings/organization/general and click on Verify Organization.","type":"invalid_request_error","param":"stream","code":"unsupported_value"}}""", FailureClass.ModelAccess, "continuedev/continue#7129") { ByWording = true },
        new("openai", 400, """{"error":{"message":"This model's maximum context length is 4097 tokens. However, your messages resulted in 4301 tokens. Please reduce the length of the messages.","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}""", FailureClass.ContextLength, "xtekky/gpt4free#137"),
        new("openai", 400, """{"error":{"message":"Your request was rejected as a result of our safety system.","type":"invalid_request_error","param":null,"code":"content_policy_violation"}}""", FailureClass.CallerFault, "openai error-codes guide"),
        new("openai", 400, """{"error":{"message":"Unsupported parameter: 'max_tokens' is not supported with this model.","type":"invalid_request_error","param":"max_tokens","code":"unsupported_parameter"}}""", FailureClass.CallerFault, "openai error-codes guide"),
        new("openai", 403, """{"error":{"code":"unsupported_country_region_territory","message":"Country, region, or territory not supported","param":null,"type":"request_forbidden"}}""", FailureClass.RegionBlocked, "openai error-codes guide"),
        new("openai", 403, """{"error":{"message":"Your allocation of this resource was denied at its location.","type":"invalid_request_error","param":null,"code":null}}""", FailureClass.ModelAccess, "made up: letters that spell a place"),

        // Anthropic.
        new("anthropic", 401, """{"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"},"request_id":"req_1"}""", FailureClass.Credential, "anthropic errors page"),
        new("anthropic", 400, """{"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits."}}""", FailureClass.Quota, "anthropics/claude-code#66297") { ByWording = true },
        new("anthropic", 400, """{"type":"error","error":{"type":"invalid_request_error","message":"You have reached your specified API usage limits. You will regain access on 2026-04-01 at 00:00 UTC."},"request_id":"req_1"}""", FailureClass.Quota, "anthropics/claude-code#38035, #2127") { ByWording = true },
        new("anthropic", 400, """{"type":"error","error":{"type":"invalid_request_error","message":"You have reached your specified workspace API usage limits. You will regain access on 2026-04-01 at 00:00 UTC."}}""", FailureClass.Quota, "anthropics/claude-code#38038") { ByWording = true },
        new("anthropic", 400, """{"type":"error","error":{"type":"invalid_request_error","message":"This organization has been disabled."}}""", FailureClass.Credential, "anthropics/claude-code, disabled organizations") { ByWording = true },
        new("anthropic", 400, """{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 202128 tokens > 200000 maximum"}}""", FailureClass.ContextLength, "stackblitz/bolt.new#1748") { ByWording = true },
        new("anthropic", 400, """{"type":"error","error":{"type":"invalid_request_error","message":"input length and `max_tokens` exceed context limit: 178959 + 64000 > 200000, decrease input length or `max_tokens` and try again"},"request_id":"req_1"}""", FailureClass.ContextLength, "docker/docker-agent#569") { ByWording = true },
        new("anthropic", 400, """{"type":"error","error":{"type":"invalid_request_error","message":"messages.0: \"Your credit balance is too low\" is no role"}}""", FailureClass.CallerFault, "made up: a caller's words"),
        new("anthropic", 413, """{"type":"error","error":{"type":"request_too_large","message":"Request exceeds the maximum allowed number of bytes."}}""", FailureClass.CallerFault, "anthropic errors page"),
        new("anthropic", 429, """{"type":"error","error":{"type":"rate_limit_error","message":"This request would exceed your organization's rate limit of 50 requests per minute."}}""", FailureClass.RateLimit, "anthropic rate-limits page"),
        new("anthropic", 429, """{"type":"error","error":{"type":"rate_limit_error","message":"Monthly limit","details":{"error_code":"enforced_spend_limit_reached"}}}""", FailureClass.Quota, "anthropic rate-limits page"),
        new("anthropic", 429, """{"type":"error","error":{"type":"rate_limit_error","message":"'enforced_spend_limit_reached' is no reason"}}""", FailureClass.RateLimit, "made up: a code within a sentence"),
        new("anthropic", 403, """{"error":{"type":"forbidden","message":"Request not allowed"}}""", FailureClass.RegionBlocked, "enricoros/big-AGI#485"),
        new("anthropic", 403, """{"type":"error","error":{"type":"permission_error","message":"Your API key does not have permission to use the specified resource."}}""", FailureClass.ModelAccess, "anthropic errors page"),
        new("anthropic", 404, """{"type":"error","error":{"type":"not_found_error","message":"model: claude-9"}}""", FailureClass.ModelAccess, "anthropic errors page"),
        new("anthropic", 529, """{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}""", FailureClass.Transient, "anthropic errors page"),

        // Google.
        new("google-ai-studio", 400, """{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID","domain":"googleapis.com"}]}}""", FailureClass.Credential, "continuedev/continue#11336"),
        new("google-ai-studio", 400, """{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT"}}""", FailureClass.Credential, "the same without its details") { ByWording = true },
        new("google-ai-studio", 400, """{"error":{"code":400,"message":"Invalid value at 'generation_config.response_mime_type' (TYPE_STRING), \"API key not valid. Please pass a valid API key.\"","status":"INVALID_ARGUMENT"}}""", FailureClass.CallerFault, "made up: a caller's words"),
        new("google-ai-studio", 403, """{"error":{"code":403,"message":"Your API key was reported as leaked. Please use another API key.","status":"PERMISSION_DENIED"}}""", FailureClass.Credential, "gemini troubleshooting page") { ByWording = true },
        new("google-ai-studio", 400, """{"error":{"code":400,"message":"User location is not supported for the API use.","status":"FAILED_PRECONDITION"}}""", FailureClass.RegionBlocked, "google-gemini/gemini-cli#24641") { ByWording = true },
        new("google-ai-studio", 429, """{"error":{"code":429,"message":"You exceeded your current quota, please check your plan and billing details.\n* Quota exceeded for metric: generativelanguage.googleapis.com/generate_content_free_tier_requests, limit: 0, model: gemini-2.5-pro\nPlease retry in 53.4s.","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"53s"}]}}""", FailureClass.ModelAccess, "googleapis/python-genai#2065") { ByWording = true },
        new("google-ai-studio", 429, """{"error":{"code":429,"message":"You exceeded your current quota.","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaMetric":"m","quotaId":"GenerateRequestsPerDayPerProjectPerModel-FreeTier","quotaValue":"50"}]}]}}""", FailureClass.RateLimit, "gemini rate-limits page"),
        new("google-ai-studio", 429, """{"error":{"code":429,"message":"You exceeded your current quota.","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaMetric":"m","quotaId":"GenerateRequestsPerDayPerProject","quotaValue":"1500"},{"quotaMetric":"m","quotaId":"GenerateRequestsPerDayPerProjectPerModel-FreeTier","quotaValue":"50"}]}]}}""", FailureClass.Quota, "gemini rate-limits page"),
        new("google-ai-studio", 429, """{"error":{"code":429,"message":"You exceeded your current quota.","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaMetric":"m","quotaId":"GenerateRequestsPerMinutePerProjectPerModel","quotaValue":"5"}]}]}}""", FailureClass.RateLimit, "gemini rate-limits page"),
        new("google-ai-studio", 400, """[{"error":{"code":400,"message":"The input token count (1200293) exceeds the maximum number of tokens allowed (1048576).","status":"INVALID_ARGUMENT"}}]""", FailureClass.ContextLength, "google-gemini/gemini-cli#6678") { ByWording = true },
        new("google-vertex", 400, """{"error":{"code":400,"message":"The input token count (25270) exceeds the maximum number of tokens allowed (4000).","status":"INVALID_ARGUMENT"}}""", FailureClass.ContextLength, "googleapis/python-genai#2050") { ByWording = true },
        new("google-vertex", 403, """{"error":{"code":403,"message":"Permission 'aiplatform.endpoints.predict' denied on resource '//aiplatform.googleapis.com/projects/p/locations/us-east4/publishers/google/models/gemini-2.5-pro' (or it may not exist).","status":"PERMISSION_DENIED"}}""", FailureClass.ModelAccess, "rpurinton/gemini-php#4"),
        new("google-vertex", 403, """{"error":{"code":403,"message":"Permission denied","status":"PERMISSION_DENIED","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"IAM_PERMISSION_DENIED"}]}}""", FailureClass.ModelAccess, "vertex api-errors page"),
        new("google-vertex", 429, """{"error":{"code":429,"message":"Resource exhausted. Please try again later. Please refer to https://cloud.google.com/vertex-ai/generative-ai/docs/error-code-429 for more details.","status":"RESOURCE_EXHAUSTED"}}""", FailureClass.Transient, "vertex error-code-429 page: shared capacity") { ByWording = true },
        new("google-vertex", 429, """{"error":{"code":429,"message":"Quota exceeded for aiplatform.googleapis.com/generate_content_requests_per_minute_per_project_per_base_model with base model: gemini-2.5-pro. Please submit a quota increase request.","status":"RESOURCE_EXHAUSTED"}}""", FailureClass.RateLimit, "vertex quotas page"),

        // The others.
        new("xai", 400, """{"code":"Client specified an invalid argument","error":"Incorrect API key provided: xa***23. You can obtain an API key from https://console.x.ai."}""", FailureClass.Credential, "xai debugging page") { ByWording = true },
        new("xai", 400, """{"code":"Client specified an invalid argument","error":"Argument not supported: \"Incorrect API key provided: 1\""}""", FailureClass.CallerFault, "made up: a caller's words"),
        new("xai", 403, """{"code":"The caller does not have permission to execute the specified operation","error":"Your newly created team doesn't have any credits or licenses yet. You can purchase those on https://console.x.ai/team/0."}""", FailureClass.Quota, "continuedev/continue#12670") { ByWording = true },
        new("xai", 403, """{"code":"personal-team-blocked:spending-limit","error":"You have run out of credits or need a Grok subscription. Add credits at https://grok.com/?_s=usage."}""", FailureClass.Quota, "Wei-Shaw/sub2api#4069, NousResearch/hermes-agent#26847"),
        new("xai", 403, """{"code":"permission-denied","error":"Your team 0 has either used all available credits or reached its monthly spending limit."}""", FailureClass.Quota, "NousResearch/hermes-agent#26847") { ByWording = true },
        new("xai", 403, """{"code":"permission-denied","error":"Access to the chat endpoint is denied. Please ensure you're using the correct credentials."}""", FailureClass.ModelAccess, "decolua/9router#2735"),
        new("xai", 429, """{"code":"Some resource has been exhausted","error":"Your team 0 has either used all available credits or reached its monthly spending limit. To continue making API requests, please purchase more credits or raise your spending limit."}""", FailureClass.Quota, "continuedev/continue#10373") { ByWording = true },
        new("xai", 400, """{"code":"Client specified an invalid argument","error":"This model's maximum prompt length is 131072 but the request contains 136973 tokens."}""", FailureClass.ContextLength, "cline/cline#3120") { ByWording = true },
        new("mistral", 400, """{"object":"error","message":"Invalid model: mistral-huge","type":"invalid_model","param":null,"code":"1500"}""", FailureClass.ModelAccess, "mistral error glossary"),
        new("mistral", 429, """{"object":"error","message":"Service tier capacity exceeded for this model.","type":"service_tier_capacity_exceeded","param":null,"code":"3505"}""", FailureClass.Transient, "mistral error glossary"),
        new("mistral", 400, """{"object":"error","message":"Prompt contains 142423 tokens and 0 draft tokens, too large for model with 131072 maximum context length","type":"invalid_request_prompt","param":null,"code":"3051"}""", FailureClass.ContextLength, "mistral chat completions") { ByWording = true },
        new("mistral", 401, """{"detail":"Unauthorized"}""", FailureClass.Credential, "mistral error glossary"),
        new("groq", 413, """{"error":{"message":"Request too large for model `llama-3.3-70b-versatile` in organization `org_0` service tier `on_demand` on tokens per minute (TPM): Limit 6000, Requested 14810, please reduce your message size and try again.","type":"tokens","code":"rate_limit_exceeded"}}""", FailureClass.RateLimit, "HunorLaczko/ha-groq-cloud-api#27") { OfRequest = true },
        new("groq", 400, """{"error":{"message":"Tool choice is required, but model did not call a tool","type":"invalid_request_error","code":"tool_use_failed","failed_generation":"maybe"}}""", FailureClass.Transient, "pydantic-ai test_groq cassettes") { OfRequest = true },
        new("groq", 400, """{"error":{"message":"Failed to generate JSON. Please adjust your prompt. See 'failed_generation' for more details.","type":"invalid_request_error","code":"json_validate_failed","failed_generation":""}}""", FailureClass.Transient, "thepersonalaicompany/amurex-backend#38") { OfRequest = true },
        new("groq", 400, """{"error":{"message":"Organization has been restricted. Please reach out to support.","type":"invalid_request_error","code":"organization_restricted"}}""", FailureClass.Credential, "groq errors page"),
        new("groq", 400, """{"error":{"message":"Your API access is blocked by a spend limit.","type":"invalid_request_error","code":"blocked_api_access"}}""", FailureClass.Quota, "groq spend-limits page"),
        new("groq", 498, """{"error":{"message":"Flex tier capacity exceeded.","type":"internal_server_error","code":"capacity_exceeded"}}""", FailureClass.Transient, "groq errors page"),
        new("groq", 403, """{"error":{"message":"Access denied. Please check your network settings."}}""", FailureClass.RegionBlocked, "groq community, blocked networks") { ByWording = true },
        new("cerebras", 429, """{"message":"Requests per minute limit exceeded - too many requests sent.","type":"too_many_requests_error","param":"quota","code":"request_quota_exceeded"}""", FailureClass.RateLimit, "nminaya/grammar-nazi-bot#958"),
        new("cerebras", 429, """{"message":"We're experiencing high traffic right now! Please try again soon.","type":"too_many_requests_error","param":"queue","code":"queue_exceeded"}""", FailureClass.Transient, "cerebras error page"),
        new("cerebras", 404, """{"message":"Model llama-9 does not exist or you do not have access to it.","type":"not_found_error","param":"model","code":"model_not_found"}""", FailureClass.ModelAccess, "cerebras error page"),
        new("deepinfra", 429, """{"error":{"message":"Model busy, retry later"}}""", FailureClass.Transient, "truefoundry/models#862") { ByWording = true },
        new("deepinfra", 402, """{"detail":{"error":"inference prohibited, please enter billing information"}}""", FailureClass.Quota, "xtekky/gpt4free#3446"),
        new("fireworks", 412, """{"error":{"object":"error","type":"error","code":"PRECONDITION_FAILED","message":"Account is suspended, possibly due to reaching the monthly spending limit or failure to pay past invoices."}}""", FailureClass.Quota, "fireworks inference-error-codes"),
        new("fireworks", 404, """{"error":{"object":"error","type":"invalid_request_error","code":"NOT_FOUND","message":"Model not found, inaccessible, and/or not deployed"}}""", FailureClass.ModelAccess, "warpdotdev/warp#15107"),
        new("fireworks", 400, """{"error":{"object":"error","type":"invalid_request_error","code":"invalid_request_error","message":"The prompt is too long: 40177, model maximum context length: 32767"}}""", FailureClass.ContextLength, "fw-ai/cookbook#134") { ByWording = true },

        // Whatever speaks the dialect.
        new("openai", 400, """{"error":{"message":"This model's maximum context length is 131072 tokens. However, you requested 131134 tokens (122942 in the messages, 8192 in the completion). Please reduce the length of the messages or completion.","type":"invalid_request_error","param":null,"code":"invalid_request_error"}}""", FailureClass.ContextLength, "evalstate/fast-agent#621") { ByWording = true },
        new("openai", 404, """{"object":"error","message":"The model `llama` does not exist.","type":"NotFoundError","param":null,"code":404}""", FailureClass.ModelAccess, "vllm-project/vllm") { ByWording = true },
        new("openai", 404, "<html>404</html>", FailureClass.ModelAccess, "made up: no error of anyone's"),
        new("openai", 500, """{"error":{"message":"Incorrect API key provided","code":"invalid_api_key"}}""", FailureClass.Transient, "made up: a server that fails may say anything"),
        new("openai", 302, "", FailureClass.Unknown, "made up: a redirect"),
    ];
}
