using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Router.Tests.Support;

namespace Router.Tests.Dialects;

/// <summary>An API before a provider that gives one answer to whatever it is asked.</summary>
internal sealed class AnsweringProvider : IAsyncDisposable
{
    private readonly WebApplication _provider;
    private ApiHost _api = null!;

    private AnsweringProvider(WebApplication provider) => _provider = provider;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public (string Type, string? Encoding, byte[] Body) Answer { get; set; }

    public static async Task<AnsweringProvider> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        WebApplication app = builder.Build();
        var provider = new AnsweringProvider(app);
        app.Run(async context =>
        {
            context.Response.ContentType = provider.Answer.Type;
            context.Response.Headers.ContentEncoding = provider.Answer.Encoding;
            await context.Response.Body.WriteAsync(provider.Answer.Body, Token);
        });
        await app.StartAsync(Token);
        provider._api = await ApiHost.StartAsync(app.Urls.First());
        return provider;
    }

    public async ValueTask DisposeAsync()
    {
        await _api.DisposeAsync();
        await _provider.DisposeAsync();
    }

    public Task<(HttpStatusCode Status, string Body)> AskAsync(string model, bool stream) =>
        AskAsync($$"""{"model":"{{model}}","stream":{{(stream ? "true" : "false")}},"messages":[{"role":"user","content":"Hi"}]}""");

    public async Task<(HttpStatusCode Status, string Body)> AskAsync(string body)
    {
        using HttpResponseMessage response = await _api.Client.PostAsync("/v1/chat/completions", new StringContent(body, Encoding.UTF8, "application/json"), Token);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Token));
    }
}
