using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Router.Simulator;

namespace Router.Tests.Simulator;

/// <summary>The simulator in-process on a free port, and the few calls its tests make.</summary>
public sealed class SimulatorHost : IAsyncLifetime
{
    private readonly WebApplication _app = SimulatorApp.Build(["--urls", "http://127.0.0.1:0"]);

    public HttpClient Client { get; private set; } = new();

    public async ValueTask InitializeAsync()
    {
        await _app.StartAsync();
        Client = new HttpClient { BaseAddress = new Uri(_app.Urls.First()) };
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }

    public static HttpRequestMessage Post(string path, string key, string body) => new(HttpMethod.Post, path)
    {
        Headers = { Authorization = new AuthenticationHeaderValue("Bearer", key) },
        Content = new StringContent(body, Encoding.UTF8, "application/json"),
    };

    public static HttpRequestMessage Chat(string key, string members, string provider = "openai") => Post(
        $"/{provider}/v1/chat/completions", key, $$"""{"model":"gpt-4o","messages":[{"role":"user","content":"Hi"}]{{members}}}""");

    public async Task<(int Status, JsonNode Body)> JsonAsync(HttpRequestMessage request)
    {
        using var response = await Client.SendAsync(request, TestContext.Current.CancellationToken);
        return ((int)response.StatusCode, (await response.Content.ReadFromJsonAsync<JsonNode>(TestContext.Current.CancellationToken))!);
    }

    public async Task<string> TextAsync(HttpRequestMessage request)
    {
        using var response = await Client.SendAsync(request, TestContext.Current.CancellationToken);
        return await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    public async Task<JsonArray> JournalAsync(string key) =>
        (await Client.GetFromJsonAsync<JsonArray>($"/_simulator/journal?key={key}", TestContext.Current.CancellationToken))!;
}
