using System.Net;
using System.Net.Sockets;
using System.Text;
using Router.Api.Dialects.OpenAI;
using Router.Core.Failures;
using Router.Core.Keys;
using Router.Core.Providers;
using Router.Tests.Support;

namespace Router.Tests.Attacks;

/// <summary>Ways around the gate for a provider's words.</summary>
public sealed class HostileLeakTests(Pipeline pipeline) : IClassFixture<Pipeline>
{
    private const string Letters = "sk-QwErTyUiOpAsDfGhJkLzXcVbNmQaWsEdRf";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("qwertyuiop.asdfghjklz.xcvbnmqawsedrf")]
    [InlineData("qwertyui.opasdfgh")]
    [InlineData("model.qwertyui")]
    [InlineData("qwertyui.read, opasdfgh.read, jklzxcvb.read")]
    [InlineData("frdeswaqmnbvcxzlkjhg.fdsapoiuytrewq")]
    public async Task A_key_does_not_pass_as_the_name_of_a_missing_permission(string scope)
    {
        string body = $$$"""{"error":{"message":"You have insufficient permissions for this operation. Missing scopes: {{{scope}}}. Check your role.","type":"invalid_request_error","param":null,"code":"missing_scope"}}""";
        ScriptedRouter router = new(pipeline, (_, _) => ScriptedRouter.Json(body, HttpStatusCode.Unauthorized));
        ChatRequest request = pipeline.Request($$$"""{"model":"openai/a","messages":[{"role":"user","content":"Hi"}],"provider_credentials":{"openai":{"api_key":"{{{Letters}}}","fallback_to_system":false} } }""");
        RouterException error = await Assert.ThrowsAsync<RouterException>(() => router.AskAsync(request, Cancel));
        AssertHides(scope, request.Options.Request.Attempts[0].Error!.Message, error.Error.Message);

        using var http = new ProviderHttp(new Canned(() => ScriptedRouter.Json(body, HttpStatusCode.Unauthorized)));
        KeyCheckResult result = await new KeyChecker(pipeline.Providers, http, TimeProvider.System).CheckAsync(ProviderTable.All[0], new Secret(Letters), Cancel);
        AssertHides(scope, result.Message);
    }

    /// <summary>No part of the name that is of the key.</summary>
    private static void AssertHides(string scope, params ReadOnlySpan<string> texts)
    {
        foreach (string text in texts)
        {
            foreach (string part in scope.Split('.', ',', ' ').Where(part => part.Length >= 8))
            {
                Assert.DoesNotContain(part, text, StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [InlineData("anthropic/claude-haiku-5-5", """{"type":"message","role":"assistant","content":[],"stop_reason":"refusal","stop_details":{"category":"CATEGORY"}}""", "QwErTyUiOpAsDfGhJkLzXcVbNm")]
    [InlineData("google/gemini-2.5-flash", """{"promptFeedback":{"blockReason":"CATEGORY"}}""", "QWERTYUIOPASDFGHJKLZXCVBNM")]
    [InlineData("anthropic/claude-haiku-5-5", """{"type":"message","role":"assistant","content":[],"stop_reason":"refusal","stop_details":{"category":"CATEGORY"}}""", "qwertyuiopasdf_ghjklzxcvbnmqa")]
    [InlineData("google/gemini-2.5-flash", """{"promptFeedback":{"blockReason":"CATEGORY"}}""", "QWERTYUIOPASDF_GHJKLZXCVBNM")]
    public async Task A_key_does_not_pass_as_the_name_of_a_refusal(string model, string body, string category)
    {
        string slug = model.Split('/')[0] == "google" ? "google-ai-studio" : model.Split('/')[0];
        ScriptedRouter router = new(pipeline, (_, _) => ScriptedRouter.Json(body.Replace("CATEGORY", category, StringComparison.Ordinal)));
        ChatRequest request = pipeline.Request($$$"""{"model":"{{{model}}}","messages":[{"role":"user","content":"Hi"}],"provider_credentials":{"{{{slug}}}":{"api_key":"{{{Letters}}}","fallback_to_system":false} } }""");
        string said = "";
        await router.RunAsync(async client =>
        {
            Microsoft.Extensions.AI.ChatResponse answer = await client.GetResponseAsync(request.Messages, request.Options, Cancel);
            said = Encoding.UTF8.GetString(OpenAITypedAnswerText(answer));
        });
        Assert.DoesNotContain(category, said, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("HTTP/1.1 KEY OK\r\n\r\n")]
    [InlineData("KEY\r\n\r\n")]
    [InlineData("HTTP/1.1 200 KEY\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}")]
    [InlineData("HTTP/1.1 200 OK\r\nKEY no colon\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: KEY/KEY; KEY\r\nContent-Length: 2\r\n\r\n{}")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nKEY\r\n")]
    [InlineData("HTTP/1.1 302 Found\r\nLocation: https://KEY.example/KEY?k=KEY\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.1 401 KEY\r\nWWW-Authenticate: Bearer KEY\r\nContent-Length: 2\r\n\r\n{}")]
    [InlineData("HTTP/1.1 429 KEY\r\nRetry-After: KEY\r\nContent-Length: 2\r\n\r\n{}")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 120\r\n\r\nevent: KEY\nid: KEY\n: KEY\ndata: {\"object\":\"KEY\",\"choices\":[]}\n\nretry: KEY\n\n")]
    public async Task A_key_in_the_transport_itself_reaches_no_log_and_no_caller(string answer)
    {
        const string Key = "sk-live-0A1b2C3d4E5f6G7h8I9j0K1l";
        using var upstream = new TcpListener(IPAddress.Loopback, 0);
        upstream.Start();
        Task serving = ServeAsync(upstream, answer.Replace("KEY", Key, StringComparison.Ordinal));
        var logs = new RecordingLogs();
        string address = $"http://127.0.0.1:{((IPEndPoint)upstream.LocalEndpoint).Port}";
        await using (ApiHost api = await ApiHost.StartAsync("http://127.0.0.1:1", logs, null, null, _ => { }, ("OPENAI_API_KEY", Key), ("Router:Providers:openai:BaseUrl", address), ("Router:Fallback:LongestWait", "00:00:00")))
        {
            foreach (bool stream in (bool[])[false, true])
            {
                using HttpResponseMessage response = await api.Client.PostAsync(new Uri("/v1/chat/completions", UriKind.Relative), new StringContent($$"""{"model":"openai/a","stream":{{(stream ? "true" : "false")}},"messages":[{"role":"user","content":"Hi"}]}""", Encoding.UTF8, "application/json"), Cancel);
                string said = response + await response.Content.ReadAsStringAsync(Cancel);
                Assert.DoesNotContain(Key, said, StringComparison.OrdinalIgnoreCase);
                Assert.NotEqual(HttpStatusCode.InternalServerError, response.StatusCode);
            }
        }

        upstream.Stop();
        await serving;
        Assert.DoesNotContain(Key, logs.Text, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("data: {\"choices\":[{\"index\":0,\ndata: \"delta\":{\"content\":\"fine\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n")]
    [InlineData("data: {\ndata:   \"model\":\"m\",\ndata:   \"choices\":[{\"index\":0,\"delta\":{\"content\":\"fine\"},\"finish_reason\":\"stop\"}]\ndata: }\n\ndata: [DONE]\n\n")]
    [InlineData("data: {\"model\":\"m\",\t\"choices\":[{\"index\":0,\"delta\":{\"content\":\"fine\"},\"finish_reason\":\"stop\"}]}\r\n\r\ndata: [DONE]\r\n\r\n")]
    public async Task An_event_of_several_lines_comes_out_as_one_the_client_can_read(string events)
    {
        using var upstream = new TcpListener(IPAddress.Loopback, 0);
        upstream.Start();
        Task serving = ServeAsync(upstream, $"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: {events.Length}\r\n\r\n{events}");
        string address = $"http://127.0.0.1:{((IPEndPoint)upstream.LocalEndpoint).Port}";
        await using (ApiHost api = await ApiHost.StartAsync("http://127.0.0.1:1", null, null, null, null, ("OPENAI_API_KEY", "sk-0123456789abcdef"), ("Router:Providers:openai:BaseUrl", address)))
        {
            using HttpResponseMessage response = await api.Client.PostAsync(new Uri("/v1/chat/completions", UriKind.Relative), new StringContent("""{"model":"openai/a","stream":true,"messages":[{"role":"user","content":"Hi"}]}""", Encoding.UTF8, "application/json"), Cancel);
            string said = await response.Content.ReadAsStringAsync(Cancel);
            foreach (string line in said.Split('\n', '\r').Where(line => line.Length > 0))
            {
                Assert.StartsWith("data: ", line, StringComparison.Ordinal);
            }

            string text = string.Concat(said.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(one => string.Concat(one.Split('\n').Select(line => line.StartsWith("data: ", StringComparison.Ordinal) ? line[6..] : ""))).Where(one => one != "[DONE]")
                .Select(one => System.Text.Json.Nodes.JsonNode.Parse(one)?["choices"]?[0]?["delta"]?["content"]?.ToString() ?? ""));
            Assert.Equal("fine", text);
        }

        upstream.Stop();
        await serving;
    }

    public static TheoryData<string, string> Encoded()
    {
        const string Key = "sk-live-0A1b2C3d4E5f6G7h8I9j0K1l";
        byte[] bytes = Encoding.ASCII.GetBytes(Key);
        string twice = Convert.ToBase64String(Encoding.ASCII.GetBytes(Convert.ToBase64String(bytes)));
        return new()
        {
            { "twice base64", twice },
            { "thrice base64", Convert.ToBase64String(Encoding.ASCII.GetBytes(twice)) },
            { "percent of base64", Uri.EscapeDataString(Convert.ToBase64String(bytes)) },
            { "utf-16 base64", Convert.ToBase64String(Encoding.Unicode.GetBytes(Key)) },
            { "big utf-16 base64", Convert.ToBase64String(Encoding.BigEndianUnicode.GetBytes(Key)) },
            { "hex with 0x", string.Join(", ", bytes.Select(one => $"0x{one:x2}")) },
            { "quoted printable", string.Concat(bytes.Select(one => $"={one:X2}")) },
            { "double escaped", string.Concat(Key.Select(one => $"\\\\u{(int)one:x4}")) },
            { "zero width", string.Join('\u200b', Key.ToCharArray()) },
            { "spaced", string.Join(' ', Key.ToCharArray()) },
            { "one a line", string.Join("\\n", Key.ToCharArray()) },
            { "base64 of backwards", Convert.ToBase64String([.. bytes.Reverse()]) },
            { "bearer in basic", Convert.ToBase64String(Encoding.ASCII.GetBytes($"user:{Key}")) },
            { "punycode-like hosts", string.Join('.', Key.Chunk(7).Select(part => new string(part))) },
            { "alternating case", string.Concat(Key.Select((one, i) => i % 2 == 0 ? char.ToUpperInvariant(one) : char.ToLowerInvariant(one))) },
            { "fullwidth", string.Concat(Key.Select(one => one == '-' ? '-' : (char)(one + 0xFEE0))) },
        };
    }

    [Theory]
    [MemberData(nameof(Encoded))]
    public async Task A_key_in_a_common_encoding_does_not_pass(string name, string encoded)
    {
        const string Key = "sk-live-0A1b2C3d4E5f6G7h8I9j0K1l";
        Assert.NotEmpty(name);
        ScriptedRouter router = new(pipeline, (_, _) => ScriptedRouter.Json($$$"""{"error":{"message":"Invalid value: {{{encoded}}}.","type":"invalid_request_error","param":"x","code":"invalid_value"}}""", HttpStatusCode.BadRequest));
        ChatRequest request = pipeline.Request($$$"""{"model":"openai/a","messages":[{"role":"user","content":"Hi"}],"provider_credentials":{"openai":{"api_key":"{{{Key}}}","fallback_to_system":false} } }""");
        RouterException error = await Assert.ThrowsAsync<RouterException>(() => router.AskAsync(request, Cancel));
        string said = error.Error.Message + Encoding.UTF8.GetString((error.Error.Raw ?? default).Span);
        Assert.DoesNotContain(encoded.Replace("\\\\", "\\", StringComparison.Ordinal)[..12], said, StringComparison.Ordinal);
    }

    private static async Task ServeAsync(TcpListener upstream, string answer)
    {
        try
        {
            while (true)
            {
                using TcpClient client = await upstream.AcceptTcpClientAsync(Cancel);
                NetworkStream stream = client.GetStream();
                byte[] asked = new byte[64 * 1024];
                int read = 0;
                do
                {
                    read += await stream.ReadAsync(asked.AsMemory(read), Cancel);
                }
                while (!Encoding.ASCII.GetString(asked, 0, read).TrimEnd().EndsWith('}'));
                await stream.WriteAsync(Encoding.ASCII.GetBytes(answer), Cancel);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or IOException or OperationCanceledException)
        {
        }
    }

    private static byte[] OpenAITypedAnswerText(Microsoft.Extensions.AI.ChatResponse answer) =>
        Core.Providers.OpenAI.OpenAITypedAnswer.Write(answer, DateTimeOffset.UnixEpoch).Text.ToArray();

    private sealed class Canned(Func<HttpResponseMessage> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => Task.FromResult(answer());
    }
}
