using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Router.Core.Chat;
using Router.Core.Keys;
using Router.Core.Wire;

namespace Router.Core.Providers.Anthropic;

/// <summary>
/// The leaf of the Messages dialect: one request sent is one HTTP request, written from the typed view and answered with it.
/// </summary>
/// <param name="http">Not disposed here.</param>
/// <param name="defaultKey">Used when the options bring no attempt, as in a probe.</param>
/// <param name="model">
/// The model's address without its method, where it is served by an address of its own: there the model is no member of the body, and
/// the API's version is one instead of a header.
/// </param>
internal sealed class AnthropicChatClient(Provider provider, HttpMessageInvoker http, Secret? defaultKey = null, Uri? model = null) : ProviderLeaf(provider, defaultKey)
{
    private readonly Uri _endpoint = model ?? provider.Resolve("messages");

    public override PreparedRequest Prepare(IEnumerable<ChatMessage> messages, ChatOptions? options, bool stream)
    {
        ChatOptions typed = Typed(options);
        Attempt? attempt = AttemptOf(typed);
        var losses = new Losses(Provider.Definition, typed as RouterChatOptions);
        byte[] body = AnthropicRequest.Write(messages, typed, stream, new AnthropicTarget(Provider.Simulated, model is not null), losses);
        losses.ThrowIfStrict();
        Uri address = model is null ? _endpoint : new Uri($"{model.AbsoluteUri}:{(stream ? "streamRawPredict" : "rawPredict")}");
        var request = new PreparedRequest(address, attempt, KeyOf(options))
        {
            Content = new RequestContent(body, attempt?.Record),
            FormatByTool = AnthropicFormat.IsByTool(typed),
        };
        if (model is null)
        {
            Dialect.Of(WireDialect.Anthropic).AddHeaders(request);
        }

        return Complete(request, stream);
    }

    public override async Task<ChatResponse> SendAsync(PreparedRequest request, CancellationToken cancellationToken)
    {
        using HttpRequestMessage sent = request;
        using HttpResponseMessage response = await http.SendAsync(request, cancellationToken).ConfigureAwait(false);
        await ProviderAnswers.AcceptAsync(response, request, Provider.Definition, cancellationToken).ConfigureAwait(false);
        byte[] body = await HttpBodies.ReadAsync(response, HttpBodies.LargestAnswer, cancellationToken, request.Attempt?.Clock).ConfigureAwait(false);
        return AnthropicResponse.Read(body, response, Provider.Definition, request.Key, request.FormatByTool);
    }

    public override async IAsyncEnumerable<ChatResponseUpdate> StreamAsync(PreparedRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using HttpRequestMessage sent = request;
        using HttpResponseMessage response = await http.SendAsync(request, cancellationToken).ConfigureAwait(false);
        await ProviderAnswers.AcceptAsync(response, request, Provider.Definition, cancellationToken).ConfigureAwait(false);
        if (response.Content.Headers.ContentType?.MediaType != "text/event-stream")
        {
            byte[] body = await HttpBodies.ReadAsync(response, HttpBodies.LargestAnswer, cancellationToken).ConfigureAwait(false);
            throw AnthropicErrors.NotAStream(body, response, Provider.Definition, request.Key);
        }

        var answer = new AnthropicStream(response, Provider.Definition, request.Key, request.Attempt?.Record, request.FormatByTool);
        request.Attempt?.Record.Meter = answer;
        await using Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        var events = new SseReader(stream);
        while (!answer.Ended && await events.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (answer.Read(events.Data) is { } update)
            {
                yield return update;
            }
        }

        ChatResponseUpdate end = answer.End();
        await HttpBodies.EndAsync(stream, cancellationToken).ConfigureAwait(false);
        yield return end;
    }
}
