using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Router.Core.Chat;
using Router.Core.Failures;
using Router.Core.Providers.Gemini;
using Router.Core.Providers.OpenAI;
using Router.Core.Routing;

namespace Router.Tests.Dialects.Gemini;

public sealed class GeminiRequestTests
{
    private static readonly ChatMessage Hi = new(ChatRole.User, "Hi");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_conversation_with_tools_becomes_contents_with_names_ids_and_signatures()
    {
        List<ChatMessage> messages = OpenAIMessageReader.ReadMessages("""
            [{"role":"system","content":"Be brief."},{"role":"developer","content":"Be kind."},
             {"role":"user","content":[{"type":"text","text":"Look"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}}]},
             {"role":"assistant","content":null,"reasoning_content":"hm","tool_calls":[
               {"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\":1.10}"},"extra_content":{"google":{"thought_signature":"sig"}}},
               {"id":"b","type":"function","function":{"name":"g","arguments":""}}]},
             {"role":"tool","tool_call_id":"b","content":"two"},
             {"role":"tool","tool_call_id":"a","content":[{"type":"text","text":"one"}]},
             {"role":"user","content":"Thanks"}]
            """u8.ToArray());
        JsonNode body = await FakeGoogle.BodyAsync(messages);
        Same("""{"parts":[{"text":"Be brief."},{"text":"Be kind."}]}""", body["systemInstruction"]);
        Same("""
            [{"role":"user","parts":[{"text":"Look"},{"inlineData":{"mimeType":"image/png","data":"AAAA"}}]},
             {"role":"model","parts":[{"text":"hm","thought":true},{"functionCall":{"id":"a","name":"f","args":{"x":1.10}},"thoughtSignature":"sig"},{"functionCall":{"id":"b","name":"g","args":{}}}]},
             {"role":"user","parts":[{"functionResponse":{"id":"a","name":"f","response":{"output":"one"}}},{"functionResponse":{"id":"b","name":"g","response":{"output":"two"}}}]},
             {"role":"user","parts":[{"text":"Thanks"}]}]
            """, body["contents"]);
    }

    [Theory]
    [InlineData("gemini-3-pro-preview", true)]
    [InlineData("gemini-flash-latest", true)]
    [InlineData("gemini-2.5-flash", false)]
    public async Task Calls_of_another_provider_skip_the_check_of_signatures_where_there_is_one(string model, bool skips)
    {
        JsonNode body = await FakeGoogle.BodyAsync([Hi, Calls("a", "b"), Result("a", "1"), Result("b", "2")], FakeGoogle.Options(model));
        JsonArray parts = body["contents"]![1]!["parts"]!.AsArray();
        Assert.Equal(skips ? "skip_thought_signature_validator" : null, (string?)parts[0]!["thoughtSignature"]);
        Assert.Null(parts[1]!["thoughtSignature"]);
    }

    [Fact]
    public async Task Options_have_their_places_in_the_configuration()
    {
        RouterChatOptions options = FakeGoogle.Options();
        (options.Temperature, options.TopP, options.MaxOutputTokens, options.Seed, options.StopSequences) = (0.1f, 0.5f, 7, 3, ["END"]);
        options.AdditionalProperties = new()
        {
            ["top_k"] = Json("40"),
            ["reasoning_effort"] = Json("\"low\""),
            ["google"] = Json("""{"safety_settings":[{"category":"C","threshold":"T"}]}"""),
        };
        options.ResponseFormat = ChatResponseFormat.ForJsonSchema(Json("""{"type":"object","additionalProperties":false}"""));
        JsonNode body = await FakeGoogle.BodyAsync([Hi], options);
        Same("""
            {"temperature":0.1,"topP":0.5,"topK":40,"maxOutputTokens":7,"seed":3,"stopSequences":["END"],"responseMimeType":"application/json",
             "responseJsonSchema":{"type":"object","additionalProperties":false},"thinkingConfig":{"thinkingLevel":"LOW","includeThoughts":true}}
            """, body["generationConfig"]);
        Same("""[{"category":"C","threshold":"T"}]""", body["safetySettings"]);
        Assert.Empty(options.Request.Warnings);
    }

    [Theory]
    [InlineData("gemini-2.5-flash", "none", """{"thinkingBudget":0}""", 0)]
    [InlineData("gemini-2.5-pro", "none", """{"thinkingBudget":128}""", 1)]
    [InlineData("gemini-2.5-flash", "high", """{"thinkingBudget":24576,"includeThoughts":true}""", 0)]
    [InlineData("gemini-3-flash", "none", """{"thinkingLevel":"MINIMAL"}""", 1)]
    [InlineData("gemini-3-pro-preview", "minimal", """{"thinkingLevel":"LOW","includeThoughts":true}""", 0)]
    [InlineData("gemini-2.0-flash", "high", null, 1)]
    public async Task Effort_is_a_budget_or_a_level_and_never_both(string model, string effort, string? config, int warnings)
    {
        RouterChatOptions options = FakeGoogle.Options(model);
        options.AdditionalProperties = new() { ["reasoning_effort"] = Json($"\"{effort}\"") };
        JsonNode body = await FakeGoogle.BodyAsync([Hi], options);
        Same(config ?? "null", body["generationConfig"]!["thinkingConfig"]);
        Assert.Equal(warnings, options.Request.Warnings.Count);
    }

    [Fact]
    public async Task Tools_keep_their_schema_and_a_tool_without_parameters_has_none()
    {
        RouterChatOptions options = FakeGoogle.Options();
        options.Tools =
        [
            AIFunctionFactory.CreateDeclaration("f", "Does f.", Json("""{"type":"object","properties":{"x":{"$ref":"#/$defs/X"}},"$defs":{"X":{"type":["string","null"]}}}""")),
            AIFunctionFactory.CreateDeclaration("g", "", Json("""{"type":"object","properties":{}}""")),
        ];
        options.ToolMode = ChatToolMode.RequireSpecific("f");
        JsonNode body = await FakeGoogle.BodyAsync([Hi], options);
        Same("""[{"functionDeclarations":[{"name":"f","description":"Does f.","parametersJsonSchema":{"type":"object","properties":{"x":{"$ref":"#/$defs/X"}},"$defs":{"X":{"type":["string","null"]}}}},{"name":"g"}]}]""", body["tools"]);
        Same("""{"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["f"]}}""", body["toolConfig"]);
    }

    [Theory]
    [InlineData("n", "2", true)]
    [InlineData("n", "1", false)]
    [InlineData("logit_bias", """{"5":1}""", true)]
    [InlineData("logit_bias", "{}", false)]
    [InlineData("logprobs", "true", true)]
    [InlineData("logprobs", "false", false)]
    [InlineData("user", "\"u\"", true)]
    [InlineData("stream_options", """{"include_usage":true}""", false)]
    [InlineData("modalities", """["text"]""", false)]
    [InlineData("simulate", """{"status":500}""", true)]
    public async Task What_cannot_be_carried_is_said_and_refused_when_strict(string name, string value, bool lost)
    {
        RouterChatOptions options = FakeGoogle.Options();
        options.AdditionalProperties = new() { [name] = Json(value) };
        JsonNode body = await FakeGoogle.BodyAsync([Hi], options);
        Assert.Equal(lost, options.Request.Warnings.Any(warning => warning.Contains($"'{name}'", StringComparison.Ordinal)));
        Assert.Null(body[name]);

        RouterChatOptions strict = FakeGoogle.Options(strict: true);
        strict.AdditionalProperties = options.AdditionalProperties;
        using var google = new FakeGoogle();
        using GeminiChatClient client = google.Client();
        Exception? refusal = await Record.ExceptionAsync(() => client.GetResponseAsync([Hi], strict, Cancel));
        Assert.Equal(lost ? name : null, (refusal as RouterException)?.Error.Param);
        Assert.Equal(lost ? 0 : 1, google.Requests.Count);
    }

    [Theory]
    [InlineData("https://example.com/a.png", true, CredentialType.Byok, null)]
    [InlineData("https://example.com/a.png", false, CredentialType.Byok, "image/png")]
    [InlineData("http://169.254.169.254/x", false, CredentialType.Byok, null)]
    [InlineData("gs://bucket/a.pdf", false, CredentialType.Byok, "application/pdf")]
    [InlineData("gs://bucket/a.pdf", false, CredentialType.System, null)]
    [InlineData("gs://bucket/a.pdf", true, CredentialType.Byok, null)]
    [InlineData("https://generativelanguage.googleapis.com/v1beta/files/abc", true, CredentialType.Byok, "image/jpeg")]
    [InlineData("https://generativelanguage.googleapis.com/v1beta/files/abc", true, CredentialType.System, null)]
    [InlineData("https://www.youtube.com/watch?v=x", true, CredentialType.System, "video/mp4")]
    public async Task An_address_goes_only_where_the_vendor_fetches_it_and_the_caller_may_name_it(string address, bool studio, CredentialType type, string? mimeType)
    {
        using var google = new FakeGoogle();
        using var client = new GeminiChatClient(FakeGoogle.Studio(), google.Invoker, studio ? GeminiTraits.Studio : GeminiTraits.Vertex);
        ChatMessage message = new(ChatRole.User, [new UriContent(address, "image/*")]);
        Exception? refusal = await Record.ExceptionAsync(() => client.GetResponseAsync([message], FakeGoogle.Options(type: type), Cancel));
        Assert.Equal(mimeType is null, refusal is RouterException);
        if (mimeType is not null)
        {
            Same($$$"""{"fileData":{"mimeType":"{{{mimeType}}}","fileUri":"{{{address}}}"}}""", google.Last.Json["contents"]![0]!["parts"]![0]);
        }
    }

    [Theory]
    [InlineData("gemini-3-flash", "/v1beta/models/gemini-3-flash:generateContent")]
    [InlineData("models/gemini-3-flash", "/v1beta/models/gemini-3-flash:generateContent")]
    [InlineData("tunedModels/mine", "/v1beta/tunedModels/mine:generateContent")]
    [InlineData("../files", null)]
    [InlineData("a/b", null)]
    [InlineData("a:embedContent", null)]
    [InlineData("a?key=x", null)]
    [InlineData("a%2fb", null)]
    public async Task A_model_is_one_segment_of_the_path_and_the_key_a_header(string model, string? path)
    {
        using var google = new FakeGoogle();
        using GeminiChatClient client = google.Client();
        Exception? refusal = await Record.ExceptionAsync(() => client.GetResponseAsync([Hi], FakeGoogle.Options(model), Cancel));
        if (path is null)
        {
            Assert.Equal("model_not_found", Assert.IsType<RouterException>(refusal).Error.Code);
            return;
        }

        Assert.Null(refusal);
        Assert.Equal((path, "AQ.key", null), (google.Last.Uri.PathAndQuery, google.Last.ApiKey, google.Last.Authorization));
    }

    [Fact]
    public async Task A_result_of_a_call_nobody_made_is_the_callers_fault()
    {
        var refusal = await Assert.ThrowsAsync<RouterException>(() => FakeGoogle.BodyAsync([Hi, Result("zzz", "1")]));
        Assert.Equal((400, "messages"), (refusal.Error.Status, refusal.Error.Param));
    }

    [Fact]
    public async Task A_request_of_system_messages_alone_still_says_something()
    {
        JsonNode body = await FakeGoogle.BodyAsync([new(ChatRole.System, "One."), new(ChatRole.System, "Two.")]);
        Same("""[{"role":"user","parts":[{"text":"Two."}]}]""", body["contents"]);
    }

    internal static ChatMessage Calls(params string[] ids) =>
        new(ChatRole.Assistant, [.. ids.Select(id => new FunctionCallContent(id, $"fn_{id}", new Dictionary<string, object?> { ["id"] = id }))]);

    internal static ChatMessage Result(string id, string text) => new(ChatRole.Tool, [new FunctionResultContent(id, text)]);

    private static JsonElement Json(string text) => JsonElement.Parse(text);

    private static void Same(string expected, JsonNode? actual) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), actual), actual?.ToJsonString());
}
