using System.Globalization;
using Router.Api.Dialects.OpenAI;
using Router.Core.Failures;
using Router.Core.Wire;
using Router.Tests.Support;

namespace Router.Tests.Chat;

/// <summary>
/// How deep a body may nest, at every depth, in every place, for every dialect, as JSON and as a stream: what is not too deep is sent, or
/// refused for what the dialect lacks; what is too deep is refused with the limit named. Nothing is blamed on a provider.
/// </summary>
public sealed class JsonDepthTests(Pipeline pipeline) : IClassFixture<Pipeline>
{
    /// <summary>Members around a value, and how deep the value stands.</summary>
    private static readonly (string Members, int Base)[] Places =
    [
        (""" "messages":[{"role":"user","content":"Hi"}],"unheard_of":DEEP """, 1),
        (""" "messages":[{"role":"user","content":"Hi","unheard_of":DEEP}] """, 3),
        (""" "messages":[{"role":"user","content":[{"type":"text","text":"Hi","cache_control":DEEP}]}] """, 5),
        (""" "messages":[{"role":"user","content":"Hi"}],"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{"a":{"default":DEEP}}}}}] """, 7),
        (""" "messages":[{"role":"user","content":"Hi"}],"response_format":{"type":"json_schema","json_schema":{"name":"f","schema":{"type":"object","properties":{"a":{"default":DEEP}}}}} """, 6),
        (""" "messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"},"extra_content":DEEP}]},{"role":"tool","tool_call_id":"c","content":DEEP}] """, 5),
        (""" "messages":[{"role":"user","content":"Hi"}],"metadata":{"a":DEEP} """, 2),
        (""" "messages":[{"role":"user","content":"Hi"}],"extra_body":{"unheard_of":DEEP} """, 2),
    ];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string, bool> Cases() =>
    [
        .. from model in (string[])["openai/gpt-4o", "mistral/mistral-large-latest", "anthropic/claude-haiku-5-5", "anthropic/claude-3-5-sonnet-20241022", "google/gemini-2.5-flash", "google-vertex/gemini-2.5-flash", "google-vertex/claude-haiku-4-5@20251001", "google-vertex/meta/llama-4"]
           from stream in (bool[])[false, true]
           select new TheoryDataRow<string, bool>(model, stream),
    ];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Of_a_body_is_no_providers_fault(string model, bool stream)
    {
        foreach (string more in (string[])["", ""","models":["openai/gpt-4o-mini"]"""])
        {
            foreach ((string members, int above) in Places)
            {
                int served = 0;
                for (int depth = above + 1; depth <= 130; depth++)
                {
                    string body = $$"""{"model":"{{model}}","stream":{{(stream ? "true" : "false")}}{{more}},{{members.Replace("DEEP", Nested(depth - above), StringComparison.Ordinal)}}}""";
                    served += await OutcomeAsync(body, depth) ? 1 : 0;
                }

                Assert.True(more.Length == 0 || served >= JsonDepth.Most - 60, $"{members}: {served}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Of_a_calls_arguments_is_refused_where_the_dialect_would_have_to_read_them(string model, bool stream)
    {
        foreach (int depth in (int[])[1, 63, 64, 65, 66, 100, 127, 128, 129, 130, 1000])
        {
            string arguments = $"{{\\\"a\\\":{Nested(depth - 1).Replace("\"", "\\\"", StringComparison.Ordinal)}}}";
            string body = $$$"""{"model":"{{{model}}}","stream":{{{(stream ? "true" : "false")}}},"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{{{arguments}}}"}}]},{"role":"tool","tool_call_id":"c","content":"1"}]}""";
            string? sent = null;
            ScriptedRouter router = new(pipeline, (call, _) =>
            {
                sent = call.Content!.ReadAsStringAsync(CancellationToken.None).GetAwaiter().GetResult();
                return ScriptedRouter.GoodFor(call);
            });
            ChatRequest request = pipeline.Request(body);
            bool text = model.StartsWith("openai/", StringComparison.Ordinal) || model.StartsWith("mistral/", StringComparison.Ordinal) || model.Contains("meta/", StringComparison.Ordinal);
            if (depth <= JsonDepth.Most || text)
            {
                Assert.Equal("fine", await router.AskAsync(request, Cancel));
                // All of them, and not an empty object in their place.
                Assert.Equal(depth - 1, sent!.Split("[0", 2)[0].Reverse().TakeWhile(one => one == '[').Count() + (depth > 1 ? 1 : 0));
                continue;
            }

            RouterError error = (await Assert.ThrowsAsync<RouterException>(() => router.AskAsync(request, Cancel))).Error;
            Assert.Equal(400, error.Status);
            Assert.Contains(JsonDepth.Most.ToString(CultureInfo.InvariantCulture), error.Message, StringComparison.Ordinal);
            Assert.Empty(router.Calls);
        }
    }

    /// <returns>Whether it was served.</returns>
    private async Task<bool> OutcomeAsync(string body, int depth)
    {
        ScriptedRouter router = new(pipeline, (call, _) => ScriptedRouter.GoodFor(call));
        ChatRequest request;
        try
        {
            request = pipeline.Request(body);
        }
        catch (RouterException e)
        {
            Assert.True(depth > JsonDepth.Most && e.Error.Status == 400 && e.Error.Message.Contains("deeper than 128", StringComparison.Ordinal), $"{depth}: {e.Error} for {body}");
            return false;
        }

        Assert.True(depth <= JsonDepth.Most, $"{depth} was taken: {body}");
        try
        {
            Assert.Equal("fine", await router.AskAsync(request, Cancel));
            Assert.Single(router.Calls);
            Assert.Equal(1, request.Options.Request.UpstreamRequests);
            return true;
        }
        catch (RouterException e)
        {
            Assert.True(e.Error.Status == 400, $"{depth}: {e.Error} for {body}");
            Assert.Empty(router.Calls);
            Assert.Empty(router.Health.Reports);
            return false;
        }
    }

    /// <summary>A value of this depth; none is 0.</summary>
    private static string Nested(int depth) => $"{new string('[', Math.Max(depth, 0))}0{new string(']', Math.Max(depth, 0))}";
}
