using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Router.Core.Chat;
using Router.Core.Keys;
using Router.Core.Routing;
using Router.Core.Wire;

namespace Router.Core.Providers.Gemini;

/// <summary>
/// The leaf of the Gemini dialect: one request sent is one HTTP request, written from the typed view and answered with it.
/// </summary>
/// <param name="http">Not disposed here.</param>
/// <param name="defaultKey">Used when the options bring no attempt, as in a probe.</param>
/// <param name="once">It is made for one call, and has nothing to remember.</param>
internal sealed class GeminiChatClient(Provider provider, HttpMessageInvoker http, GeminiTraits traits, Secret? defaultKey = null, bool once = false) : ProviderLeaf(provider, defaultKey)
{
    private readonly Remembered<(string Model, bool Stream), Uri>? _endpoints = once ? null : new(asked => Resolve(provider, asked.Model, asked.Stream));

    public override PreparedRequest Prepare(IEnumerable<ChatMessage> messages, ChatOptions? options, bool stream)
    {
        Secret key = KeyOf(options);
        ChatOptions typed = Typed(options);
        GeminiModel model = GeminiModel.Of(typed.ModelId!);
        Attempt? attempt = AttemptOf(typed);
        var losses = new Losses(Provider.Definition, typed as RouterChatOptions);
        bool own = attempt?.Entry.Credential.Type != CredentialType.System;
        byte[] body = GeminiRequest.Write(messages, typed, new GeminiScope(model, traits, own, Provider, losses));
        losses.ThrowIfStrict();
        return Complete(
            new PreparedRequest(_endpoints?.Of((model.Path, stream)) ?? Resolve(Provider, model.Path, stream), attempt, key) { Content = new RequestContent(body, attempt?.Record) },
            stream);
    }

    public override async Task<ChatResponse> SendAsync(PreparedRequest request, CancellationToken cancellationToken)
    {
        using HttpRequestMessage sent = request;
        using HttpResponseMessage response = await http.SendAsync(request, cancellationToken).ConfigureAwait(false);
        await ProviderAnswers.AcceptAsync(response, request, Provider.Definition, cancellationToken).ConfigureAwait(false);
        byte[] body = await HttpBodies.ReadAsync(response, HttpBodies.LargestAnswer, cancellationToken, request.Attempt?.Clock).ConfigureAwait(false);
        return GeminiResponse.Read(body, response, Provider.Definition, request.Key);
    }

    public override async IAsyncEnumerable<ChatResponseUpdate> StreamAsync(PreparedRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using HttpRequestMessage sent = request;
        using HttpResponseMessage response = await http.SendAsync(request, cancellationToken).ConfigureAwait(false);
        await ProviderAnswers.AcceptAsync(response, request, Provider.Definition, cancellationToken).ConfigureAwait(false);
        if (response.Content.Headers.ContentType?.MediaType != "text/event-stream")
        {
            byte[] body = await HttpBodies.ReadAsync(response, HttpBodies.LargestAnswer, cancellationToken).ConfigureAwait(false);
            throw GeminiErrors.NotAStream(body, response, Provider.Definition, request.Key);
        }

        var answer = new GeminiStream(response, Provider.Definition, request.Key, request.Attempt?.Record);
        request.Attempt?.Record.Meter = answer;
        await using Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        var events = new SseReader(stream);
        while (await events.ReadAsync(cancellationToken).ConfigureAwait(false) && !events.Data.Span.SequenceEqual("[DONE]"u8))
        {
            if (answer.Read(events.Data) is { } update)
            {
                yield return update;
            }
        }

        yield return answer.End();
    }

    private static Uri Resolve(Provider provider, string model, bool stream) => provider.Resolve($"{model}:{(stream ? "streamGenerateContent?alt=sse" : "generateContent")}");
}
