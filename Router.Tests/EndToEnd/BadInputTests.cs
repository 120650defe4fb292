using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Router.Tests.EndToEnd;

[Collection(StackCollection.Name)]
public sealed class BadInputTests(Stack stack)
{
    private const string Hello = "\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]";

    [Theory]
    [InlineData("", 400, "invalid_request", null)]
    [InlineData("{", 400, "invalid_request", null)]
    [InlineData("[]", 400, "invalid_request", null)]
    [InlineData("null", 400, "invalid_request", null)]
    [InlineData("""{"model":"openai/gpt-4o","model":"openai/gpt-4o"}""", 400, "invalid_request", "model")]
    [InlineData("""{"model":"openai/gpt-4o","m\u006fdel":"x"}""", 400, "invalid_request", "model")]
    [InlineData("""{"model":"openai/gpt-4o"}""", 400, "invalid_request", "messages")]
    [InlineData("""{"model":"openai/gpt-4o","messages":[]}""", 400, "invalid_request", "messages")]
    [InlineData("""{"model":"openai/gpt-4o","messages":"hi"}""", 400, "invalid_request", "messages")]
    [InlineData("""{"model":"openai/gpt-4o","messages":["hi"]}""", 400, "invalid_request", "messages[0]")]
    [InlineData("""{"model":"openai/gpt-4o","messages":[{"content":"hi"}]}""", 400, "invalid_request", "messages[0].role")]
    [InlineData("{" + Hello + "}", 400, "invalid_request", "model")]
    [InlineData("""{"model":7,""" + Hello + "}", 400, "invalid_request", "model")]
    [InlineData("""{"model":"",""" + Hello + "}", 400, "invalid_request", "model")]
    [InlineData("""{"model":"openai/",""" + Hello + "}", 400, "invalid_request", "model")]
    [InlineData("""{"model":"openai/gpt-4o","stream":"yes",""" + Hello + "}", 400, "invalid_request", "stream")]
    [InlineData("""{"model":"openai/gpt-4o","model_id":"openai/gpt-5",""" + Hello + "}", 400, "invalid_request", "model_id")]
    [InlineData("""{"model":"nobody/gpt-4o",""" + Hello + "}", 404, "unknown_provider", "model")]
    [InlineData("""{"model":"openai/gpt-4o","extra_body":3,""" + Hello + "}", 400, "invalid_request", "extra_body")]
    [InlineData("""{"model":"openai/gpt-4o","models":[3],""" + Hello + "}", 400, "invalid_request", "models[0]")]
    [InlineData("""{"model":"openai/gpt-4o","byok_only":"x",""" + Hello + "}", 400, "invalid_request", "byok_only")]
    [InlineData("""{"model":"openai/gpt-4o","provider_credentials":[],""" + Hello + "}", 400, "invalid_request", "provider_credentials")]
    [InlineData("""{"model":"openai/gpt-4o","provider_credentials":{"nobody":{"api_key":"canary-key-1"}},""" + Hello + "}", 400, "invalid_request", "provider_credentials")]
    [InlineData("""{"model":"openai/gpt-4o","provider_credentials":{"openai":"canary-key-2"},""" + Hello + "}", 400, "invalid_request", "provider_credentials.openai")]
    [InlineData("""{"model":"openai/gpt-4o","provider_credentials":{"openai":{"api_key":"canary\u0000key-3"}},""" + Hello + "}", 400, "invalid_request", "provider_credentials.openai.api_key")]
    [InlineData("""{"model":"openai/gpt-4o","provider_credentials":{"openai":{"api_key":"canary\r\nx-evil: 1"}},""" + Hello + "}", 400, "invalid_request", "provider_credentials.openai.api_key")]
    [InlineData("""{"model":"openai/gpt-4o","fallback":{"ttft_timeout":"200ms"},""" + Hello + "}", 400, "invalid_request", "fallback.ttft_timeout")]
    [InlineData("""{"model":"openai/gpt-4o","fallback":{"deadline":30},""" + Hello + "}", 400, "invalid_request", "fallback.deadline")]
    [InlineData("""{"model":"openai/gpt-4o","fallback":{"max_attempts":0},""" + Hello + "}", 400, "invalid_request", "fallback.max_attempts")]
    [InlineData("""{"model":"\ud800",""" + Hello + "}", 400, "invalid_request", null)]
    [InlineData("""{"model":"openai/gpt-4o","\ud800":1,""" + Hello + "}", 400, "invalid_request", null)]
    [InlineData("""{"model":"openai/gpt-4o","metadata":{"a":"\udfff"},""" + Hello + "}", 400, "invalid_request", null)]
    [InlineData("""{"model":"openai/gpt-4o",""" + Hello + ""","user":"\udfff"}""", 400, "invalid_request", null)]
    [InlineData("""{"model":"openai/gpt-4o","messages":[{"role":"user","content":"a\nb\ud83d"}]}""", 400, "invalid_request", null)]
    [InlineData("""{"model":"openai/gpt-4o","messages":[{"role":"user","content":[{"type":"text","text":"\uD83D"}]}]}""", 400, "invalid_request", null)]
    [InlineData("""{"model":"openai/gpt-4o","messages":[{"role":"user","content":"Hi","\ud800":1}]}""", 400, "invalid_request", null)]
    [InlineData("""{"model":"openai/gpt-4o",""" + Hello + ""","extra_body":{"messages":[{"role":"user","content":"\ud83d"}]}}""", 400, "invalid_request", null)]
    [InlineData("""{"model":"openai/gpt-4o",""" + Hello + ""","extra_body":{"messages":[{"role":"user"},{"content":"Hi"}]}}""", 400, "invalid_request", "messages[1].role")]
    [InlineData("""{"model":"openai/gpt-4o","messages":[{"role":"user"},{"role":7},[]]}""", 400, "invalid_request", "messages[1].role")]
    public async Task Each_kind_of_bad_input_has_its_error(string body, int status, string code, string? param)
    {
        (HttpResponseMessage response, JsonNode answer) = await stack.SendAsync(stack.Chat(body));
        Assert.Equal((status, code, param), ((int)response.StatusCode, (string)answer["error"]!["code"]!, (string?)answer["error"]!["param"]));
        Assert.NotEmpty((string)answer["error"]!["message"]!);
        Assert.DoesNotContain("canary", answer.ToJsonString(), StringComparison.Ordinal);
        Assert.Null(answer["metadata"]);
    }

    [Theory]
    [InlineData("models")]
    [InlineData("ignore")]
    public async Task Lists_and_names_without_measure_are_refused(string member)
    {
        foreach (string list in (string[])[string.Join(',', Enumerable.Range(0, 3_000).Select(i => $"\"openai/m{i}\"")), $"\"{new string('x', 1_000)}\""])
        {
            (HttpResponseMessage response, JsonNode answer) = await stack.SendAsync(stack.Chat($"{{\"model\":\"openai/gpt-4o\",{Hello},\"{member}\":[{list}]}}"));
            Assert.Equal((400, member), ((int)response.StatusCode, (string)answer["error"]!["param"]!));
        }
    }

    [Fact]
    public async Task Nulls_inside_extra_body_are_absent()
    {
        (HttpResponseMessage response, _) = await stack.SendAsync(stack.Chat("{\"model\":\"openai/gpt-4o\"," + Hello + ",\"extra_body\":{\"messages\":null,\"temperature\":null,\"provider_credentials\":{\"openai\":{\"api_key\":\"sim-good-nulls\"}}}}"));
        Assert.True(response.IsSuccessStatusCode);
        Assert.DoesNotContain("null", (string)(await stack.JournalAsync("sim-good-nulls")).Single()!["body"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Both_names_of_the_model_may_be_given_when_they_agree()
    {
        (HttpResponseMessage response, _) = await stack.SendAsync(stack.Chat("""{"model":"openai/gpt-4o","model_id":"openai/gpt-4o",""" + Hello + "}"));
        Assert.True(response.IsSuccessStatusCode);
    }

    [Fact]
    public async Task A_body_of_twenty_megabytes_is_413_and_the_connection_lives_on()
    {
        byte[] body = Encoding.UTF8.GetBytes("""{"model":"openai/gpt-4o","messages":[{"role":"user","content":"canary """ + new string('x', 20_000_000) + "\"}]}");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = new ByteArrayContent(body) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", stack.RouterKey);
        (HttpResponseMessage response, JsonNode answer) = await stack.SendAsync(request);
        Assert.Equal((413, "request_too_large"), ((int)response.StatusCode, (string)answer["error"]!["code"]!));
    }

    [Fact]
    public async Task A_large_body_within_the_limit_is_served()
    {
        string body = """{"model":"openai/gpt-4o","messages":[{"role":"user","content":"count: """ + new string('x', 10_000_000) + "\"}],\"max_tokens\":5}";
        (HttpResponseMessage response, _) = await stack.SendAsync(stack.Chat(body));
        Assert.True(response.IsSuccessStatusCode);
    }

    [Theory]
    [InlineData("GET", "/v1/chat/completions")]
    [InlineData("POST", "/v1/embeddings")]
    [InlineData("POST", "/v1/messages")]
    public async Task What_is_not_there_is_an_honest_404_or_405(string method, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using HttpResponseMessage response = await stack.Api.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Contains((int)response.StatusCode, (int[])[404, 405]);
    }
}
