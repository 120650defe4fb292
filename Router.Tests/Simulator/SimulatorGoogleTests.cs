using System.Buffers.Text;
using System.Text.Json.Nodes;

namespace Router.Tests.Simulator;

public sealed class SimulatorGoogleTests(SimulatorHost simulator) : IClassFixture<SimulatorHost>
{
    private const string Gemini = "publishers/google/models/gemini-2.5-flash:generateContent";
    private const string Claude = "publishers/anthropic/models/claude-sonnet-4-5@20250929:rawPredict";
    private const string Hello = """{"contents":[{"role":"user","parts":[{"text":"Hi"}]}]}""";

    [Fact]
    public async Task Only_the_first_of_parallel_calls_is_signed_and_the_signature_belongs_to_the_key()
    {
        var (_, answer) = await simulator.JsonAsync(Studio("sim-good-one", ""));
        var parts = answer["candidates"]![0]!["content"]!["parts"]!.AsArray();
        Assert.Equal([true, false], parts.Select(p => p!["thoughtSignature"] is not null));

        var history = $$$$"""
            ,{"role":"model","parts":{{{{parts.ToJsonString()}}}}},{"role":"user","parts":[{"functionResponse":{"name":"a","response":{"output":"A"}}},{"functionResponse":{"name":"b","response":{"output":"B"}}}]}
            """;
        Assert.Equal(200, (await simulator.JsonAsync(Studio("sim-good-one", history))).Status);
        Assert.Equal(400, (await simulator.JsonAsync(Studio("sim-good-two", history))).Status);
    }

    [Fact]
    public async Task A_service_account_gets_a_token_that_opens_gemini_claude_and_the_open_models()
    {
        var token = (string)(await TokenAsync("sim-good@project.iam", 3600)).Body["access_token"]!;

        Assert.Equal(200, (await simulator.JsonAsync(Vertex(Gemini, token, Hello))).Status);
        Assert.Equal(200, (await simulator.JsonAsync(Vertex(Claude, token,
            """{"anthropic_version":"vertex-2023-10-16","max_tokens":10,"messages":[{"role":"user","content":"Hi"}]}"""))).Status);
        Assert.Equal(200, (await simulator.JsonAsync(Vertex("endpoints/openapi/chat/completions", token,
            """{"model":"meta/llama","messages":[{"role":"user","content":"Hi"}]}"""))).Status);
    }

    [Theory]
    [InlineData("sim-invalid@project.iam", 3600)]
    [InlineData("a-stranger@project.iam", 3600)]
    [InlineData("sim-good@project.iam", 3601)]
    public async Task A_bad_assertion_gets_no_token(string account, int lifetime)
    {
        var (status, body) = await TokenAsync(account, lifetime);

        Assert.Equal(400, status);
        Assert.Equal("invalid_grant", (string?)body["error"]);
    }

    [Fact]
    public async Task A_token_of_someone_else_is_unauthenticated()
    {
        Assert.Equal(401, (await simulator.JsonAsync(Vertex(Gemini, "sim-good", Hello))).Status);
    }

    private static HttpRequestMessage Studio(string key, string history) => new(HttpMethod.Post, "/google-ai-studio/v1beta/models/gemini-3-flash:generateContent")
    {
        Headers = { { "x-goog-api-key", key } },
        Content = new StringContent($$"""
            {"contents":[{"role":"user","parts":[{"text":"tools in parallel"}]}{{history}}],"tools":[{"functionDeclarations":[{"name":"a"},{"name":"b"}]}]}
            """),
    };

    private static HttpRequestMessage Vertex(string path, string token, string body) =>
        SimulatorHost.Post($"/google-vertex/v1/projects/p/locations/global/{path}", token, body);

    private Task<(int Status, JsonNode Body)> TokenAsync(string account, int lifetime)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        var header = Base64Url.EncodeToString("""{"alg":"RS256","typ":"JWT"}"""u8);
        var claims = Base64Url.EncodeToString(System.Text.Encoding.UTF8.GetBytes($$"""
            {"iss":"{{account}}","scope":"https://www.googleapis.com/auth/cloud-platform","aud":"https://oauth2.googleapis.com/token","iat":{{now}},"exp":{{now + lifetime}}}
            """));
        return simulator.JsonAsync(new HttpRequestMessage(HttpMethod.Post, "/google-vertex/token")
        {
            Content = new FormUrlEncodedContent(new Dictionary<string, string>
            {
                ["grant_type"] = "urn:ietf:params:oauth:grant-type:jwt-bearer",
                ["assertion"] = $"{header}.{claims}.c2ln",
            }),
        });
    }
}
