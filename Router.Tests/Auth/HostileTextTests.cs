using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Router.Tests.Support;

namespace Router.Tests.Auth;

/// <summary>Text no database and no JSON writer takes is the caller's mistake, wherever it comes in.</summary>
public sealed class HostileTextTests(PostgresFixture postgres)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("GET", "attempts?model=%00", null, "model")]
    [InlineData("GET", "attempts?trace_id=a%00", null, "trace_id")]
    [InlineData("GET", "attempts?provider=%00", null, "provider")]
    [InlineData("GET", "attempts?credential_type=%0a", null, "credential_type")]
    [InlineData("GET", "attempts?outcome=%00", null, "outcome")]
    [InlineData("PUT", "policy", """{"\ud800":1}""", "body")]
    [InlineData("PUT", "policy", """{"limits":{"\ud800":1}}""", "body")]
    [InlineData("PUT", "policy", """{"cross_to_system":["\ud800"]}""", "body")]
    [InlineData("POST", "api-keys", """{"name":"a","limits":{"\uDFFF":1}}""", "body")]
    [InlineData("POST", "api-keys", """{"name":"\ud800"}""", "body")]
    [InlineData("PUT", "provider-keys/google-vertex", """{"service_account":{"client_email":"\ud800","private_key":"p"}}""", "body")]
    [InlineData("PUT", "provider-keys/google-vertex", """{"service_account":"{\"client_email\":\"\\ud800\",\"private_key\":\"p\"}"}""", "service_account")]
    public async Task It_is_a_problem_that_names_the_place(string method, string path, string? body, string param)
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await using var host = await ControlPlaneHost.StartAsync(database, Token);
        using var client = host.Client();
        using var request = new HttpRequestMessage(new HttpMethod(method), $"/api/workspaces/default/{path}");
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await client.SendAsync(request, Token);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(param, (await response.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("param").GetString());
    }

    [Theory]
    [InlineData("attempts?limit=x")]
    [InlineData("attempts?generation_id=x")]
    [InlineData("usage?from=x")]
    [InlineData("usage?to=0000-00-00")]
    public async Task A_parameter_that_is_no_such_thing_is_a_problem(string path)
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await using var host = await ControlPlaneHost.StartAsync(database, Token);
        using var client = host.Client();
        using var response = await client.GetAsync($"/api/workspaces/default/{path}", Token);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal("invalid_request", (await response.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_failure_of_our_own_is_a_problem_without_details()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await using var host = await ControlPlaneHost.StartAsync(database, Token);
        // A table that is not there would be a database without schema; this one fails when it is read.
        await using (var broken = database.CreateCommand("""
            ALTER TABLE usage_attempts RENAME TO kept;
            CREATE VIEW usage_attempts AS SELECT kept.* FROM (SELECT 1 / (random() * 0)::int AS n) z LEFT JOIN kept ON z.n = 1;
            """))
            await broken.ExecuteNonQueryAsync(Token);
        using var client = host.Client();
        using var response = await client.GetAsync("/api/workspaces/default/usage", Token);
        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var text = await response.Content.ReadAsStringAsync(Token);
        Assert.Equal("internal_error", JsonElement.Parse(text).GetProperty("code").GetString());
        Assert.DoesNotContain("usage_attempts", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whole_characters_in_escapes_are_text()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await using var host = await ControlPlaneHost.StartAsync(database, Token);
        using var client = host.Client();
        using var response = await client.PostAsync("/api/workspaces/default/api-keys", new StringContent("""{"name":"\ud83d\ude00"}""", Encoding.UTF8, "application/json"), Token);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal("😀", (await response.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("name").GetString());
    }
}
