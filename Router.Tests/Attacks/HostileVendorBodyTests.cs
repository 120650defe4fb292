using System.Net;
using System.Text;
using Router.Core.Failures;
using Router.Core.Providers;

namespace Router.Tests.Attacks;

/// <summary>Bodies that vendors really sent, gathered from public reports, against the class each of them means.</summary>
public sealed class HostileVendorBodyTests
{
    public static TheoryData<string, int, string, FailureClass> Bodies() => new()
    {
        // OpenAI.
        { "openai", 401, """{"error":{"message":"You must be a member of an organization to use the API. Please contact us through our help center.","type":"invalid_request_error","param":null,"code":"invalid_organization"}}""", FailureClass.Credential },
        { "openai", 401, """{"error":{"message":"Your IP is not authorized to access this resource.","type":"invalid_request_error","param":null,"code":"ip_not_authorized"}}""", FailureClass.ModelAccess },
        { "openai", 400, """{"error":{"message":"Input tokens exceed the configured limit of 272000 tokens. Your messages resulted in 300017 tokens. Please reduce the length of the messages.","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}""", FailureClass.ContextLength },
        { "openai", 400, """{"error":{"message":"Your input exceeds the context window of this model. Please adjust your input and try again.","type":"invalid_request_error","param":"input","code":"context_length_exceeded"}}""", FailureClass.ContextLength },
        { "openai", 400, """{"error":{"message":"max_tokens is too large: 50000. This model supports at most 16384 completion tokens, whereas you provided 50000.","type":"invalid_request_error","param":"max_tokens","code":"invalid_value"}}""", FailureClass.CallerFault },
        { "openai", 429, """{"error":{"message":"Your account is not active, please check your billing details on our website.","type":"billing_not_active","param":null,"code":"billing_not_active"}}""", FailureClass.Quota },
        { "openai", 400, """{"error":{"message":"Billing hard limit has been reached","type":"invalid_request_error","param":null,"code":"billing_hard_limit_reached"}}""", FailureClass.Quota },
        { "openai", 400, """{"error":{"message":"Invalid prompt: your prompt was flagged as potentially violating our usage policy.","type":"invalid_request_error","param":null,"code":"invalid_prompt"}}""", FailureClass.CallerFault },
        { "openai", 413, """{"error":{"message":"Maximum content size limit (26214400) exceeded (26999999 bytes read)","type":"server_error","param":null,"code":null}}""", FailureClass.CallerFault },
        { "openai", 401, """{"error":{"message":"The OpenAI account associated with this API key has been deactivated.","type":"invalid_request_error","param":null,"code":"account_deactivated"}}""", FailureClass.Credential },
        { "openai", 400, """{"error":{"message":"Your organization must be verified to generate reasoning summaries. Please go to: https://platform.openai.com/settings/organization/general and click on Verify Organization.","type":"invalid_request_error","param":"reasoning.summary","code":"unsupported_value"}}""", FailureClass.ModelAccess },

        // Anthropic, and Claude behind Google's gateway.
        { "anthropic", 400, """{"type":"error","error":{"type":"invalid_request_error","message":"Prompt is too long"},"request_id":"req_vrtx_1"}""", FailureClass.ContextLength },
        { "anthropic", 413, """{"type":"error","error":{"type":"invalid_request_error","message":"Prompt is too long"}}""", FailureClass.ContextLength },
        { "anthropic", 400, """{"type":"error","error":{"type":"invalid_request_error","message":"Output blocked by content filtering policy"}}""", FailureClass.CallerFault },
        { "anthropic", 400, """{"type":"error","error":{"type":"invalid_request_error","message":"max_tokens: 64001 > 64000, which is the maximum allowed number of output tokens for claude-sonnet-4-5"}}""", FailureClass.CallerFault },
        { "anthropic", 400, """{"type":"error","error":{"type":"invalid_request_error","message":"messages: text content blocks must be non-empty"}}""", FailureClass.CallerFault },
        { "anthropic", 404, """{"type":"error","error":{"type":"not_found_error","message":"model: claude-3-opus-20240229"}}""", FailureClass.ModelAccess },
        { "anthropic", 400, """{"error":{"code":400,"message":"Project `123` is not allowed to use Publisher Model `projects/p/locations/us-east5/publishers/anthropic/models/claude-3-5-sonnet@20240620`","status":"FAILED_PRECONDITION"}}""", FailureClass.ModelAccess },

        // Google.
        { "google-ai-studio", 400, """{"error":{"code":400,"message":"The File r1153mb4nz53 is not in an ACTIVE state and usage is not allowed.","status":"FAILED_PRECONDITION"}}""", FailureClass.CallerFault },
        { "google-ai-studio", 403, """{"error":{"code":403,"message":"You do not have permission to access the File owned or it may not exist.","status":"PERMISSION_DENIED"}}""", FailureClass.CallerFault },
        { "google-ai-studio", 403, """{"error":{"code":403,"message":"Requests from referer <empty> are blocked.","status":"PERMISSION_DENIED","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_HTTP_REFERRER_BLOCKED"}]}}""", FailureClass.ModelAccess },
        { "google-ai-studio", 403, """{"error":{"code":403,"message":"Your project has been denied access. Please contact support.","status":"PERMISSION_DENIED"}}""", FailureClass.Credential },
        { "google-ai-studio", 400, """{"error":{"code":400,"message":"The input token count exceeds the maximum number of tokens allowed 1048576.","status":"INVALID_ARGUMENT"}}""", FailureClass.ContextLength },
        { "google-ai-studio", 400, """{"error":{"code":400,"message":"API Key not found. Please pass a valid API key.","status":"INVALID_ARGUMENT","details":[{"reason":"API_KEY_INVALID"}]}}""", FailureClass.Credential },
        { "google-ai-studio", 404, """{"error":{"code":404,"message":"models/gemini-9 is not found for API version v1beta, or is not supported for generateContent.","status":"NOT_FOUND"}}""", FailureClass.ModelAccess },
        { "google-ai-studio", 400, """{"error":{"code":400,"message":"Request payload size exceeds the limit: 20971520 bytes.","status":"INVALID_ARGUMENT"}}""", FailureClass.CallerFault },
        { "google-ai-studio", 401, """{"error":{"code":401,"message":"Request had invalid authentication credentials.","status":"UNAUTHENTICATED","details":[{"reason":"ACCESS_TOKEN_TYPE_UNSUPPORTED"}]}}""", FailureClass.Credential },
        { "google-vertex", 400, """{"error":{"code":400,"message":"Unable to submit request because the input token count is 131335 but model only supports up to 131072. Reduce the input token count and try again.","status":"INVALID_ARGUMENT"}}""", FailureClass.ContextLength },
        { "google-vertex", 429, """{"error":{"code":429,"message":"Quota exceeded for aiplatform.googleapis.com/online_prediction_requests_per_base_model with base model: anthropic-claude-sonnet-4.","status":"RESOURCE_EXHAUSTED"}}""", FailureClass.RateLimit },
        { "google-vertex", 404, """{"error":{"code":404,"message":"Publisher Model `projects/p/locations/us/publishers/google/models/gemini-9` was not found or your project does not have access to it.","status":"NOT_FOUND"}}""", FailureClass.ModelAccess },

        // xAI.
        { "xai", 403, """{"code":"The caller does not have permission to execute the specified operation","error":"Content violates usage guidelines. Team: 0, API key ID: 0, Model: grok-4-0709, Failed check: SAFETY_CHECK_TYPE_BIO"}""", FailureClass.CallerFault },
        { "xai", 403, """{"code":"permission-denied","error":"Content violates usage guidelines. "}""", FailureClass.CallerFault },
        { "xai", 403, """{"code":"The caller does not have permission to execute the specified operation","error":"Your newly created teams doesn't have any credits yet. You can purchase credits on https://console.x.ai/team/0."}""", FailureClass.Quota },
        { "xai", 400, """{"code":"Client specified an invalid argument","error":"Model not found: grok-2-latest"}""", FailureClass.ModelAccess },
        { "xai", 404, """{"code":"Some requested entity was not found","error":"The model grok-9 does not exist or your team 0 does not have access to it."}""", FailureClass.ModelAccess },
        { "xai", 400, """{"code":"Client specified an invalid argument","error":"Argument not supported on this model: presencePenalty"}""", FailureClass.CallerFault },

        // Groq.
        { "groq", 400, """{"error":{"message":"The model `playai-tts` requires terms acceptance. Please have the org admin accept the terms at https://console.groq.com/playground?model=playai-tts","type":"invalid_request_error","code":"model_terms_required"}}""", FailureClass.ModelAccess },
        { "groq", 403, """{"error":{"message":"The model `m` is blocked at the project level.","type":"permissions_error","code":"model_permission_blocked_project"}}""", FailureClass.ModelAccess },
        { "groq", 413, """{"error":{"message":"Request Entity Too Large","type":"invalid_request_error","code":"request_too_large"}}""", FailureClass.CallerFault },
        { "groq", 400, """{"error":{"message":"Please reduce the length of the messages or completion.","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}""", FailureClass.ContextLength },

        // Mistral.
        { "mistral", 401, """{"message":"Inactive subscription or usage limit reached","request_id":"abc"}""", FailureClass.Quota },
        { "mistral", 403, """{"message":"Inactive subscription or usage limit reached"}""", FailureClass.Quota },
        { "mistral", 429, """{"message":"Requests rate limit exceeded"}""", FailureClass.RateLimit },
        { "mistral", 429, """{"object":"error","message":"Rate limit exceeded","type":"rate_limited","param":null,"code":"1300"}""", FailureClass.RateLimit },
        { "mistral", 401, """{"message":"Unauthorized","request_id":"abc"}""", FailureClass.Credential },

        // Cerebras, Fireworks, DeepInfra and the servers they and everybody run.
        { "cerebras", 402, """{"message":"Payment required to access this resource. Visit your billing tab.","type":"payment_required_error","param":"quota","code":"payment_required"}""", FailureClass.Quota },
        { "cerebras", 400, """{"message":"Please reduce the length of the messages or completion. Current length is 42328 while limit is 40000","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}""", FailureClass.ContextLength },
        { "cerebras", 400, """{"message":"property 'messages.2.assistant.reasoning_content' is unsupported","type":"invalid_request_error","param":"validation_error","code":"wrong_api_format"}""", FailureClass.CallerFault },
        { "fireworks", 429, """{"error":"Too Many Requests","message":"You have exceeded your usage limits. Please try again later or contact Fireworks to explore dedicated capacity."}""", FailureClass.RateLimit },
        { "fireworks", 403, """{"error":{"message":"The API key you provided is invalid.","object":"error","type":"invalid_request_error","code":"FORBIDDEN"}}""", FailureClass.Credential },
        { "deepinfra", 400, """{"error":{"message":"Requested token count exceeds the model's maximum context length of 131072 tokens. You requested a total of 131073 tokens: 1 tokens from the input messages and 131072 tokens for the completion.","type":"BadRequestError","param":null,"code":400}}""", FailureClass.ContextLength },
        { "deepinfra", 400, """{"object":"error","message":"The input (10009 tokens) is longer than the model's context length (128 tokens).","type":"BadRequestError","param":null,"code":400}""", FailureClass.ContextLength },
        { "deepinfra", 400, """{"error":{"message":"Input length (265330) exceeds model's maximum context length (262144).","type":"BadRequestError","param":null,"code":400}}""", FailureClass.ContextLength },
        { "deepinfra", 400, """{"object":"error","message":"The decoder prompt (length 12324) is longer than the maximum model length of 8192. Make sure that `max_model_len` is no smaller than the number of text tokens.","type":"BadRequestError","param":null,"code":400}""", FailureClass.ContextLength },
        { "deepinfra", 422, """{"error":"Input validation error: `inputs` tokens + `max_new_tokens` must be <= 1024. Given: 1872 `inputs` tokens and 100 `max_new_tokens`","error_type":"validation"}""", FailureClass.ContextLength },
        { "deepinfra", 400, """{"error":{"message":"You passed 13439 input characters and requested 4096 output tokens. However, the model's context length is only 4096 tokens, resulting in a maximum input length of 0 tokens. Please reduce the length of the input prompt. (parameter=input_text, value=13439)","type":"BadRequestError","param":"input_text","code":400}}""", FailureClass.ContextLength },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public void A_real_error_has_the_class_it_means(string slug, int status, string body, FailureClass meant)
    {
        ProviderDefinition provider = ProviderTable.All.Single(provider => provider.Slug == slug);
        using var response = new HttpResponseMessage((HttpStatusCode)status);
        Assert.Equal(meant, Dialect.Of(provider.Dialect).Classify(response, Encoding.UTF8.GetBytes(body), provider, null).Failure);
    }
}
