using System.Net.Http.Headers;
using System.Text.Json;
using Router.Core.Wire;

namespace Router.Core.Providers.Gemini.Vertex;

/// <summary>
/// Turns a request of Anthropic's Messages API into one of Vertex: the model stands in the address instead of the body, and
/// the API's version in the body instead of a header. The rest is the same, answers too.
/// </summary>
/// <param name="model">The model's address, without the method.</param>
internal sealed class ClaudeOnVertexHandler(HttpMessageInvoker http, Uri model) : HttpMessageHandler
{
    private static readonly byte[] Version = JsonText.Quote("vertex-2023-10-16");

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        JsonObject body = JsonObject.Parse(await request.Content!.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false));
        bool stream = body.Find("stream") is { Kind: JsonTokenType.True };
        byte[] changed = new JsonSplice(body).Remove("model").Set("anthropic_version", Version).ToArray();
        request.Content = request.Content is RequestContent attempt ? attempt.With(changed) : new RequestContent(changed, null);
        request.RequestUri = new Uri($"{model.AbsoluteUri}:{(stream ? "streamRawPredict" : "rawPredict")}");
        request.Headers.Remove("anthropic-version");
        return await http.SendAsync(request, cancellationToken).ConfigureAwait(false);
    }
}
