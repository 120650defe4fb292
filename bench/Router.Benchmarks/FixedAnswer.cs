using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Router.Core.Providers;
using Router.Core.Wire;

namespace Router.Benchmarks;

/// <summary>A leaf that does nothing: the same updates again and again, so that what is left is the stage above it.</summary>
/// <param name="wire">Updates carry the provider's bytes, as those of OpenAI's dialect do.</param>
internal sealed class FixedAnswer(bool wire) : IProviderLeaf
{
    private static readonly ChatResponseUpdate Typed = new(ChatRole.Assistant, "word ");
    private static readonly ChatResponseUpdate Wire = new()
    {
        RawRepresentation = new WireChunk(JsonObject.Parse("""{"choices":[{"index":0,"delta":{"content":"word "}}]}"""u8.ToArray()), HasContent: true, HasFinish: false, HasUsage: false, UsageOnly: false, Open: 1),
    };

    private static readonly ChatResponseUpdate End = new(ChatRole.Assistant, [new UsageContent(new UsageDetails { InputTokenCount = 42, OutputTokenCount = 100 })]) { FinishReason = ChatFinishReason.Stop };
    private static readonly ChatResponse Whole = new(new ChatMessage(ChatRole.Assistant, "word"));

    private static readonly Uri Nowhere = new("https://nowhere.invalid/");

    public PreparedRequest Prepare(IEnumerable<ChatMessage> messages, ChatOptions? options, bool stream) => new(Nowhere, null, null);

    public Task<ChatResponse> SendAsync(PreparedRequest request, CancellationToken cancellationToken) => Task.FromResult(Whole);

    public IAsyncEnumerable<ChatResponseUpdate> StreamAsync(PreparedRequest request, CancellationToken cancellationToken) => GetStreamingResponseAsync([], null, cancellationToken);

    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) => Task.FromResult(Whole);

    /// <remarks>Every tenth update comes later, as it does from a network: a stage that is never resumed would look too cheap.</remarks>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        for (int i = 1; i < Sample.Chunks; i++)
        {
            if (i % 10 == 0)
            {
                await Task.Yield();
            }

            yield return wire ? Wire : Typed;
        }

        yield return End;
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }
}
