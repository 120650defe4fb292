using Router.Api.Dialects.OpenAI;
using Router.Core.Failures;
using Router.Tests.Support;

namespace Router.Tests.Chat;

/// <summary>Whatever a caller writes into a member is carried or refused with a 400 by every dialect; it is never a failure of the router, nor of a provider.</summary>
public sealed class HostileRequestTests(Pipeline pipeline) : IClassFixture<Pipeline>
{
    private static readonly string[] Members =
    [
        "temperature", "top_p", "top_k", "max_tokens", "max_completion_tokens", "seed", "stop", "tools", "tool_choice", "response_format", "reasoning_effort", "reasoning", "thinking", "user", "n",
        "logit_bias", "parallel_tool_calls", "service_tier", "cache_control", "modalities", "audio", "prediction", "safety_identifier", "web_search_options", "verbosity", "stream_options", "functions", "top_logprobs",
        "safety_settings", "generation_config", "google", "extra_content", "frequency_penalty", "presence_penalty", "store",
    ];

    private static readonly string[] Values =
    [
        "true", "0", "-1", "1e400", "0.5", "99999999999999999999", "\"\"", "\"x\"", "\"\\u0000\"", "[]", "{}", "[null]", "[{}]", "[[]]", "[1]", "[\"x\"]", "{\"type\":null}", "{\"type\":\"x\"}", "{\"type\":\"function\"}",
        "{\"type\":\"function\",\"function\":{\"name\":3}}", "[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"parameters\":[]}}]", "[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"parameters\":{\"type\":7,\"properties\":[]}}}]",
        "[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"description\":4,\"parameters\":null,\"strict\":\"x\"},\"cache_control\":1}]",
        "{\"type\":\"json_schema\",\"json_schema\":{\"name\":1,\"schema\":{\"$ref\":\"#\"}}}", "{\"type\":\"json_schema\",\"json_schema\":{\"schema\":{\"type\":[\"object\",null],\"properties\":3,\"required\":{},\"enum\":7,\"anyOf\":{}}}}",
        "{\"type\":\"enabled\",\"budget_tokens\":\"x\"}", "{\"type\":\"enabled\",\"budget_tokens\":-5}", "{\"effort\":{}}", "{\"max_tokens\":1e99}", "{\"include_usage\":3}",
    ];

    private static readonly string[] Contents =
    [
        "null", "3", "true", "{}", "[]", "[3]", "[null]", "[{}]", "[{\"type\":3}]", "[{\"type\":\"text\"}]", "[{\"type\":\"text\",\"text\":null}]", "[{\"type\":\"text\",\"text\":[]}]",
        .. from url in (string[])["null", "3", "{}", "\"\"", "\"x\"", "\"data:\"", "\"data:,\"", "\"data:image/png;base64,%%%\"", "\"data:image/png;base64,\"", "\"data:;base64,AAAA\"", "\"data:image/png,abc\"", "\"data:a/b/c;base64,AAAA\"",
            "\"http://\"", "\"::\"", "\"file:///etc/passwd\"", "\"gs://b/o\"", "\"https://x y/z\"", "\"https://[::1\"", "\"https://e.org/a.png\"", "\"ftp://e.org\"", "\"/relative\"", "\"https://youtu.be/x\""]
           from part in (string[])["{\"type\":\"image_url\",\"image_url\":{\"url\":URL}}", "{\"type\":\"image_url\",\"image_url\":URL}", "{\"type\":\"file\",\"file\":{\"file_data\":URL}}", "{\"type\":\"file\",\"file\":{\"file_id\":URL,\"filename\":URL}}",
            "{\"type\":\"input_audio\",\"input_audio\":{\"data\":URL,\"format\":\"mp3\"}}", "{\"type\":\"input_audio\",\"input_audio\":{\"data\":\"AAAA\",\"format\":URL}}", "{\"type\":URL}"]
           select $"[{part.Replace("URL", url, StringComparison.Ordinal)}]",
    ];

    private static readonly string[] Messages =
    [
        "{\"role\":\"\"}", "{\"role\":\"narrator\",\"content\":\"x\"}", "{\"role\":\"tool\"}", "{\"role\":\"tool\",\"tool_call_id\":3,\"content\":{}}", "{\"role\":\"function\",\"name\":\"f\",\"content\":\"x\"}",
        "{\"role\":\"assistant\",\"tool_calls\":3}", "{\"role\":\"assistant\",\"tool_calls\":[3,null,{}]}", "{\"role\":\"assistant\",\"tool_calls\":[{\"id\":null,\"function\":{\"name\":null,\"arguments\":null}}]}",
        "{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"c\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{\\\"a\\\"\"}}]}", "{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"c\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"null\"}}]}",
        "{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"c\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"[1]\"},\"extra_content\":{\"google\":{\"thought_signature\":\"%%%\"}}}]}",
        "{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"c\",\"type\":\"custom\",\"custom\":{\"name\":\"f\",\"input\":\"x\"}}]}", "{\"role\":\"assistant\",\"function_call\":{\"name\":\"f\",\"arguments\":\"{}\"}}",
        "{\"role\":\"assistant\",\"content\":\"x\",\"thinking_blocks\":3}", "{\"role\":\"assistant\",\"content\":\"x\",\"thinking_blocks\":[3,{},{\"type\":\"thinking\",\"thinking\":4,\"signature\":5},{\"type\":\"redacted_thinking\",\"data\":6}]}",
        "{\"role\":\"assistant\",\"content\":\"x\",\"reasoning_content\":{},\"reasoning\":[],\"audio\":{\"id\":3},\"refusal\":{}}", "{\"role\":\"system\",\"content\":null}", "{\"role\":\"developer\",\"content\":[]}",
    ];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string> Models() =>
    [
        "openai/gpt-4o", "mistral/mistral-large-latest", "xai/grok-4", "cerebras/gpt-oss-120b", "anthropic/claude-haiku-5-5", "anthropic/claude-3-5-sonnet-20241022", "anthropic/claude-opus-4-5", "google/gemini-2.5-flash", "google/gemini-3-pro",
        "google-vertex/gemini-2.5-flash", "google-vertex/claude-haiku-4-5@20251001", "google-vertex/meta/llama-4",
    ];

    [Theory]
    [MemberData(nameof(Models))]
    public async Task Is_carried_or_refused(string model)
    {
        List<string> wrong = [];
        foreach (string rest in Bodies())
        {
            foreach (bool stream in (bool[])[false, true])
            {
                if (await WrongAsync($$"""{"model":"{{model}}","stream":{{(stream ? "true" : "false")}},{{rest}}}""") is { } problem)
                {
                    wrong.Add(problem);
                }
            }
        }

        Assert.True(wrong.Count == 0, $"{wrong.Count}: {string.Join('\n', wrong.Take(20))}");
    }

    private static IEnumerable<string> Bodies() =>
    [
        .. from member in Members from value in Values select $"\"{member}\":{value},\"messages\":[{{\"role\":\"user\",\"content\":\"Hi\"}}]",
        .. from content in Contents from role in (string[])["user", "assistant", "system"] select $"\"messages\":[{{\"role\":\"user\",\"content\":\"Hi\"}},{{\"role\":\"{role}\",\"content\":{content}}}]",
        .. from content in Contents select $"\"messages\":[{{\"role\":\"user\",\"content\":\"Hi\"}},{{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{{\"id\":\"c\",\"type\":\"function\",\"function\":{{\"name\":\"f\",\"arguments\":\"{{}}\"}}}}]}},{{\"role\":\"tool\",\"tool_call_id\":\"c\",\"content\":{content}}}]",
        .. from message in Messages select $"\"messages\":[{{\"role\":\"user\",\"content\":\"Hi\"}},{message}]",
        .. from message in Messages select $"\"messages\":[{message},{{\"role\":\"user\",\"content\":\"Hi\"}}]",
    ];

    /// <returns>What is wrong about the outcome; null where nothing is.</returns>
    private async Task<string?> WrongAsync(string body)
    {
        ScriptedRouter router = new(pipeline, (call, _) => ScriptedRouter.GoodFor(call));
        try
        {
            ChatRequest request = pipeline.Request(body);
            string text = await router.AskAsync(request, Cancel);
            return text == "fine" && router.Calls.Count == 1 ? null : $"{text} after {router.Calls.Count} calls: {body}";
        }
        catch (RouterException e) when (e.Error.Status is >= 400 and < 500 && router.Calls.Count == 0 && router.Health.Reports.Count == 0)
        {
            return null;
        }
        catch (Exception e)
        {
            return $"{e.GetType().Name} {e.Message}, {router.Calls.Count} calls, at {e.StackTrace?.Split('\n')[0].Trim()}: {body}";
        }
    }
}
