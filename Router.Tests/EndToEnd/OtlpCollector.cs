using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Router.Tests.EndToEnd;

/// <summary>An OTLP receiver over HTTP/protobuf in this process. Keeps spans, and every payload for the search for secrets.</summary>
public sealed class OtlpCollector : IAsyncDisposable
{
    private readonly WebApplication _app;

    private OtlpCollector(WebApplication app) => _app = app;

    public ConcurrentQueue<ExportedSpan> Spans { get; } = new();

    public ConcurrentQueue<byte[]> Payloads { get; } = new();

    public string Address => _app.Urls.First();

    public static async Task<OtlpCollector> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        WebApplication app = builder.Build();
        var collector = new OtlpCollector(app);
        app.Urls.Add("http://127.0.0.1:0");
        app.MapPost("/v1/{signal}", collector.ReceiveAsync);
        await app.StartAsync();
        return collector;
    }

    /// <summary>Waits until the spans exported so far satisfy the question.</summary>
    public async Task<T> WaitForAsync<T>(Func<IReadOnlyCollection<ExportedSpan>, T?> question, string what)
        where T : class
    {
        for (int i = 0; i < 200; i++)
        {
            if (question(Spans) is { } answer)
            {
                return answer;
            }

            await Task.Delay(100, TestContext.Current.CancellationToken);
        }

        throw new TimeoutException($"No spans showed {what}. Seen:\n{string.Join('\n', Spans.TakeLast(40))}");
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task ReceiveAsync(HttpContext context, string signal)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        byte[] payload = body.ToArray();
        Payloads.Enqueue(payload);
        if (signal == "traces")
        {
            foreach (ExportedSpan span in OtlpMessages.ReadTraces(payload))
            {
                Spans.Enqueue(span);
            }
        }

        context.Response.ContentType = "application/x-protobuf";
    }
}
