using System.Net;
using System.Net.Http.Headers;

namespace Router.Benchmarks;

/// <summary>Every provider, in memory: takes the whole request, answers at once in the dialect of the path. What remains is the router's own work.</summary>
internal sealed class CannedProvider : HttpMessageHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        byte[] body = await request.Content!.ReadAsByteArrayAsync(cancellationToken);
        string path = request.RequestUri!.AbsolutePath;
        bool stream = path.EndsWith(":streamGenerateContent", StringComparison.Ordinal) || body.AsSpan().IndexOf("\"stream\":true"u8) >= 0;
        byte[] answer = path.Contains("enerateContent", StringComparison.Ordinal) ? stream ? Sample.GeminiStream : Sample.GeminiAnswer
            : path.EndsWith("/messages", StringComparison.Ordinal) ? stream ? Sample.AnthropicStream : Sample.AnthropicAnswer
            : stream ? Sample.OpenAIStream : Sample.OpenAIAnswer;
        var content = new ByteArrayContent(answer);
        content.Headers.ContentType = new MediaTypeHeaderValue(stream ? "text/event-stream" : "application/json");
        return new HttpResponseMessage(HttpStatusCode.OK) { Content = content, RequestMessage = request };
    }
}
