using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Router.Api.Endpoints;
using Router.Tests.Support;

namespace Router.Tests.Auth;

/// <summary>Whoever has no key tries many. Each test gives the number after which nothing is compared any more.</summary>
public sealed class FailedKeyTests(PostgresFixture postgres)
{
    private const int Limit = 120;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task After_a_hundred_and_twenty_wrong_keys_an_address_may_not_guess_the_administrators_and_router_keys_go_on()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await using var host = await ControlPlaneHost.StartAsync(database, Token);
        using var manager = await host.ManagerAsync("default", Token);
        using var client = host.Client(key: null);
        client.DefaultRequestHeaders.Add("X-Forwarded-For", "203.0.113.9");
        using var refused = await UntilRefusedAsync(client, i => Get(i % 2 == 0 ? "/api/workspaces" : "/router/v1/routers", $"guess-number-{i}-of-many"));
        Assert.Contains("rate_limit_exceeded", await refused.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);

        // The right one is not looked at either: it would be found by guessing.
        using var admin = host.Client();
        Assert.Equal(HttpStatusCode.TooManyRequests, (await admin.GetAsync("/api/workspaces", Token)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await manager.GetAsync("/api/workspaces", Token)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await host.Client(key: null).GetAsync("/api/workspaces", Token)).StatusCode);
    }

    [Fact]
    public async Task A_chat_with_a_wrong_key_is_answered_429_then_and_one_with_the_right_key_never()
    {
        await using ApiHost api = await ApiHost.StartAsync("http://127.0.0.1:9");
        using var stranger = new HttpClient { BaseAddress = api.Client.BaseAddress };
        using var refused = await UntilRefusedAsync(stranger, i => Chat($"rk_nobody{i}_0123456789"));
        var error = (await refused.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("error");
        Assert.Equal("rate_limit_exceeded", error.GetProperty("code").GetString());
        using var right = await api.Client.PostAsync("/v1/chat/completions", new StringContent("{}", Encoding.UTF8, "application/json"), Token);
        Assert.Equal(HttpStatusCode.BadRequest, right.StatusCode);
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("                    ", false)]
    [InlineData("\t \u00a0\u2003                    ", false)]
    [InlineData("fifteen-letters", false)]
    [InlineData("  fifteen-letters  ", false)]
    [InlineData("sixteen-letters.", true)]
    [InlineData(null, true)]
    public void A_blank_or_short_admin_key_is_refused_at_the_start(string? key, bool starts)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection([new("Router:AdminKey", key)]).Build());
        services.AddControlPlane();
        using var provider = services.BuildServiceProvider();
        var start = provider.GetRequiredService<IStartupValidator>();
        if (starts)
        {
            start.Validate();
            return;
        }

        var said = Assert.Throws<OptionsValidationException>(start.Validate).Message;
        Assert.Equal("Router__AdminKey is blank or shorter than 16 characters: give a longer key, or take the setting out to have no administrator.", said);
    }

    /// <summary>A minute may end meanwhile, and twice the limit pass.</summary>
    private static async Task<HttpResponseMessage> UntilRefusedAsync(HttpClient client, Func<int, HttpRequestMessage> request)
    {
        for (var i = 0; ; i++)
        {
            using var message = request(i);
            var response = await client.SendAsync(message, Token);
            if (response.StatusCode == HttpStatusCode.TooManyRequests)
            {
                Assert.InRange(i, Limit, 2 * Limit);
                Assert.InRange(response.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
                return response;
            }

            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
            Assert.True(i < 2 * Limit, $"{i} keys were looked at.");
            response.Dispose();
        }
    }

    private static HttpRequestMessage Get(string path, string key) => new(HttpMethod.Get, path) { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", key) } };

    private static HttpRequestMessage Chat(string key) => new(HttpMethod.Post, "/v1/chat/completions")
    {
        Headers = { Authorization = new AuthenticationHeaderValue("Basic", key) },
        Content = new StringContent("{}", Encoding.UTF8, "application/json"),
    };
}
