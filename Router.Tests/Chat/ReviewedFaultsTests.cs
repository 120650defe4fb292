using System.Diagnostics;
using System.Net;
using System.Text;
using Microsoft.Extensions.AI;
using Router.Api.Dialects.OpenAI;
using Router.Core.Failures;
using Router.Core.Keys;
using Router.Core.Routing;
using Router.Core.Wire;
using Router.Tests.Support;

namespace Router.Tests.Chat;

/// <summary>Requests made to hurt: keys that must not be crossed to, and bodies that are cheap to send and dear to read.</summary>
public sealed class ReviewedFaultsTests(Pipeline pipeline) : IClassFixture<Pipeline>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_last_resort_elsewhere_opens_no_way_to_a_system_key_the_policy_keeps_shut()
    {
        // openai asks for a pause, groq is down; after the wait openai is still limited. None of that lets groq's outage cross to the operator's key.
        ScriptedRouter router = new(pipeline, (call, _) => call.RequestUri!.AbsolutePath.StartsWith("/groq", StringComparison.Ordinal)
            ? call.Headers.Authorization!.Parameter == "own-groq" ? ScriptedRouter.Json("{}", HttpStatusCode.ServiceUnavailable) : ScriptedRouter.Json(ScriptedRouter.Good)
            : ScriptedRouter.Json("""{"error":{"message":"slow down","type":"rate_limit"}}""", HttpStatusCode.TooManyRequests, 3));
        ChatRequest request = pipeline.Request("""
            {"model":"openai/a","models":["groq/b"],"messages":[{"role":"user","content":"Hi"}],
             "provider_credentials":{"openai":{"api_key":"own-openai","fallback_to_inworld":false},"groq":{"api_key":"own-groq"}}}
            """);
        await Assert.ThrowsAsync<RouterException>(() => router.AskAsync(request, Cancel));
        Assert.Equal("a:rate_limit b:transient b:transient a:rate_limit", ScriptedRouter.Attempts(request));
        Assert.All(request.Options.Request.Attempts, attempt => Assert.Equal(CredentialType.Byok, attempt.Entry.Credential.Type));
    }

    [Fact]
    public void Tens_of_thousands_of_members_are_read_and_edited_in_no_time()
    {
        string members = string.Concat(Enumerable.Range(0, 40_000).Select(i => $"\"m{i}\":1,"));
        string extra = string.Join(',', Enumerable.Range(0, 40_000).Select(i => $"\"x{i}\":2"));
        string entries = string.Join(',', Enumerable.Range(0, 40_000).Select(i => $"\"k{i}\":\"v\""));
        string others = string.Join(',', Enumerable.Range(0, 40_000).Select(i => $"\"o{i}\":\"v\""));
        var clock = Stopwatch.StartNew();
        ChatRequest request = pipeline.Request(
            "{" + members + "\"model\":\"openai/a\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}],\"metadata\":{" + entries + "},\"extra_body\":{" + extra + ",\"metadata\":{" + others + "}}}");
        var wire = (WireRequest)request.Options.RawRepresentationFactory!(new Leaf(pipeline.Providers.All[0].Definition))!;
        var splice = new JsonSplice(wire.Body);
        foreach ((string name, ReadOnlyMemory<byte> json) in wire.Lifted)
        {
            splice.Set(name, json);
        }

        byte[] body = splice.ToArray();
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(3), $"It took {clock.Elapsed}.");
        JsonObject sent = JsonObject.Parse(body);
        Assert.NotNull(sent.Find("m39999"));
        Assert.NotNull(sent.Find("x39999"));
    }

    [Theory]
    [InlineData("""{"x":1,"x":2}""")]
    [InlineData("""{"include_usage":true,"include_usage":false}""")]
    public void A_stream_option_that_is_there_twice_is_the_callers_fault(string options)
    {
        var error = Assert.Throws<RouterException>(() => pipeline.Request($$"""{"model":"openai/a","stream":true,"stream_options":{{options}},"messages":[{"role":"user","content":"Hi"}]}"""));
        Assert.Equal(400, error.Error.Status);
    }

    private sealed class Leaf(Router.Core.Providers.ProviderDefinition definition) : IChatClient
    {
        public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public object? GetService(Type serviceType, object? serviceKey = null) => serviceType.IsInstanceOfType(definition) ? definition : null;

        public void Dispose()
        {
        }
    }
}
