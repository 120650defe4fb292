using System.Net.Http.Headers;
using System.Text;

namespace Router.Tests.EndToEnd;

/// <summary>Whatever the answer is, it can be found again.</summary>
[Collection(StackCollection.Name)]
public sealed class AnswerHeaderTests(Stack stack)
{
    private const string Chat = """{"model":"openai/gpt-4o","messages":[{"role":"user","content":"Hi"}]}""";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("POST", "/v1/chat/completions", Chat, "key", 200)]
    [InlineData("POST", "/v1/chat/completions", """{"model":"openai/gpt-4o","stream":true,"messages":[{"role":"user","content":"Hi"}]}""", "key", 200)]
    [InlineData("POST", "/v1/chat/completions", Chat, null, 401)]
    [InlineData("POST", "/v1/chat/completions", Chat, "rk_wrong_wrong", 401)]
    [InlineData("POST", "/v1/chat/completions", "{", "key", 400)]
    [InlineData("POST", "/v1/chat/completions", """{"model":"nobody/knows","messages":[{"role":"user","content":"Hi"}]}""", "key", 404)]
    [InlineData("POST", "/v1/chat/completions", """{"model":"openai/gpt-4o","messages":[{"role":"user","content":"Hi"}],"byok_only":true}""", "key", 424)]
    [InlineData("GET", "/v1/chat/completions", null, "key", 404)]
    [InlineData("POST", "/v1/chat/completions:explain", Chat, "key", 200)]
    [InlineData("POST", "/v1/embeddings", "{}", "key", 404)]
    [InlineData("GET", "/v1/models", null, "key", 200)]
    [InlineData("GET", "/v1/models", null, null, 401)]
    [InlineData("GET", "/v1/models/none", null, "key", 404)]
    [InlineData("GET", "/llm/v1alpha/models", null, "key", 200)]
    [InlineData("GET", "/router/v1/routers", null, null, 401)]
    [InlineData("GET", "/api/workspaces", null, "admin", 200)]
    [InlineData("GET", "/api/workspaces", null, null, 401)]
    [InlineData("GET", "/api/workspaces/none", null, "admin", 404)]
    [InlineData("POST", "/api/workspaces", "{", "admin", 400)]
    [InlineData("GET", "/openapi/v1.json", null, null, 200)]
    [InlineData("GET", "/health", null, null, 200)]
    [InlineData("GET", "/nowhere", null, null, 404)]
    public async Task Every_answer_has_its_ids_and_its_timing(string method, string path, string? body, string? token, int status)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Headers.Authorization = token switch
        {
            null => null,
            "key" => new AuthenticationHeaderValue("Bearer", stack.RouterKey),
            "admin" => new AuthenticationHeaderValue("Bearer", stack.AdminKey),
            _ => new AuthenticationHeaderValue("Bearer", token),
        };
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await stack.Api.SendAsync(request, Cancel);
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(7, Guid.Parse(response.Headers.GetValues("x-generation-id").Single()).Version);
        Assert.Matches("^[0-9a-f]{32}$", response.Headers.GetValues("x-trace-id").Single());
        Assert.Matches("^router;dur=[0-9.]+, upstream;dur=[0-9.]+$", response.Headers.GetValues("Server-Timing").Single());
        Assert.Empty(response.Headers.Server);
    }

    [Fact]
    public async Task A_refused_request_is_found_in_its_trace_by_its_generation_id()
    {
        using HttpRequestMessage request = stack.Chat("{", token: stack.RouterKey);
        using HttpResponseMessage response = await stack.Api.SendAsync(request, Cancel);
        string generation = response.Headers.GetValues("x-generation-id").Single();
        ExportedSpan span = await stack.Otlp.WaitForAsync(all => all.FirstOrDefault(one => one.Tags.GetValueOrDefault("router.generation_id") == generation), "the refused request");
        Assert.Equal((response.Headers.GetValues("x-trace-id").Single(), "invalid_request"), (span.TraceId, span.Tags["router.error.code"]));
    }
}
