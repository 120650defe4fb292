using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Npgsql;
using Router.Api.Dialects;
using Router.Api.Endpoints;
using Router.Tests.Support;

namespace Router.Tests.Auth;

/// <summary>A database that no migration has run on is our trouble and a passing one: 503 with its reason everywhere, never 500.</summary>
public sealed class NoSchemaTests(PostgresFixture postgres)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_endpoint_of_the_control_plane_answers_503_and_says_why()
    {
        await using NpgsqlDataSource database = await postgres.CreateEmptyDatabaseAsync(Token);
        await using ControlPlaneHost host = await ControlPlaneHost.StartAsync(database, Token, seed: false);
        using HttpClient admin = host.Client();
        using HttpClient stranger = host.Client("rk_AAAAAAAAAAAA_" + new string('a', 40));
        string[] bodies = ["""{"id":"one","display_name":"One","name":"n","api_key":"sk-0123456789abcdef0123456789","byok_only":false}""", "{}"];
        List<string> wrong = [];
        int asked = 0;
        foreach (RouteEndpoint route in host.Routes.Where(route => route.RoutePattern.RawText!.StartsWith("/api/", StringComparison.Ordinal)))
        {
            string path = route.RoutePattern.RawText!.Replace("{ws}", "one", StringComparison.Ordinal).Replace("{provider}", "openai", StringComparison.Ordinal).Replace("{id}", "one", StringComparison.Ordinal);
            foreach (string method in route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? [])
            {
                List<(HttpStatusCode Status, string Body)> answers = [];
                foreach (string body in bodies)
                {
                    using var request = new HttpRequestMessage(new(method), path) { Content = method is "GET" or "DELETE" ? null : new StringContent(body, null, "application/json") };
                    using HttpResponseMessage response = await admin.SendAsync(request, Token);
                    answers.Add((response.StatusCode, await response.Content.ReadAsStringAsync(Token)));
                    asked++;
                }

                // One of the bodies is what the endpoint wants, so that it comes to ask the database.
                bool served = answers.Exists(answer => answer.Status == HttpStatusCode.ServiceUnavailable && (string?)JsonNode.Parse(answer.Body)!["code"] == "unavailable")
                    || answers.TrueForAll(answer => answer.Status is HttpStatusCode.BadRequest or HttpStatusCode.NotFound or HttpStatusCode.OK);
                if (!served || answers.Exists(answer => answer.Status >= HttpStatusCode.InternalServerError && answer.Status != HttpStatusCode.ServiceUnavailable))
                    wrong.Add($"{method} {path}: {string.Join(" | ", answers)}");
                using var unknown = new HttpRequestMessage(new(method), path) { Content = method is "GET" or "DELETE" ? null : new StringContent("{}", null, "application/json") };
                using HttpResponseMessage refused = await stranger.SendAsync(unknown, Token);
                if (refused.StatusCode != HttpStatusCode.ServiceUnavailable)
                    wrong.Add($"{method} {path} with a router key: {refused.StatusCode}");
            }
        }

        Assert.Equal([], wrong);
        Assert.True(asked > 20, $"{asked} requests were made.");
        JsonNode list = (await (await admin.GetAsync(new Uri("/api/workspaces/one/usage", UriKind.Relative), Token)).Content.ReadFromJsonAsync<JsonNode>(Token))!;
        Assert.Contains("migrations have not run", (string?)list["detail"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_nobody_caught_is_503_in_the_envelope_of_its_place()
    {
        await using NpgsqlDataSource database = await postgres.CreateEmptyDatabaseAsync(Token);
        WebApplicationBuilder builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using WebApplication app = builder.Build();
        app.UseRouterHeaders();
        app.UseRouterErrors();
        app.Map("/{**path}", async (HttpContext context) =>
        {
            await using NpgsqlCommand command = database.CreateCommand("SELECT * FROM workspaces");
            try
            {
                await command.ExecuteNonQueryAsync(context.RequestAborted);
            }
            catch (PostgresException e)
            {
                // As data protection has it, which sits under every form of the Studio.
                throw new System.Security.Cryptography.CryptographicException("The key ring cannot be read.", e);
            }
        });
        await app.StartAsync(Token);
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        foreach ((string path, string code) in ((string, string)[])[("/api/anything", "$.code"), ("/v1/models", "$.error.code"), ("/studio/sign-in", "$.error.code")])
        {
            using HttpResponseMessage response = await client.GetAsync(new Uri(path, UriKind.Relative), Token);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
            JsonNode body = JsonNode.Parse(await response.Content.ReadAsStringAsync(Token))!;
            Assert.Equal("unavailable", (string?)(code == "$.code" ? body["code"] : body["error"]!["code"]));
        }
    }
}
