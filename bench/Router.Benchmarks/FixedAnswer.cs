using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Router.Benchmarks;

/// <summary>A leaf that does nothing: the same updates again and again, so that what is left is the stage above it.</summary>
internal sealed class FixedAnswer : IChatClient
{
    private static readonly ChatResponseUpdate Word = new(ChatRole.Assistant, "word ");
    private static readonly ChatResponseUpdate End = new(ChatRole.Assistant, [new UsageContent(new UsageDetails { InputTokenCount = 42, OutputTokenCount = 100 })]) { FinishReason = ChatFinishReason.Stop };
    private static readonly ChatResponse Whole = new(new ChatMessage(ChatRole.Assistant, "word"));

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

            yield return Word;
        }

        yield return End;
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }
}
