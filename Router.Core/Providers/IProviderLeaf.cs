using Microsoft.Extensions.AI;

namespace Router.Core.Providers;

/// <summary>
/// The leaf of a wire dialect, in two halves. The first makes the whole request and sends nothing: what goes wrong there is the
/// caller's fault, the key owner's or the router's. Only the second reaches the provider, with a request that can no longer fail
/// to be made: what goes wrong there is the provider's. Whoever counts attempts, measures or judges a key begins between the two.
/// </summary>
public interface IProviderLeaf : IChatClient
{
    /// <summary>Makes the request. It neither waits nor calls anybody.</summary>
    /// <exception cref="Failures.RouterException">The dialect cannot carry what is asked for, or what is asked for is wrong.</exception>
    /// <exception cref="Failures.ProviderException">The key cannot be used, for what it is.</exception>
    PreparedRequest Prepare(IEnumerable<ChatMessage> messages, ChatOptions? options, bool stream);

    /// <summary>Sends a request that was prepared for one whole answer, once.</summary>
    /// <exception cref="Failures.ProviderException">The provider failed or refused.</exception>
    Task<ChatResponse> SendAsync(PreparedRequest request, CancellationToken cancellationToken);

    /// <summary>Sends a request that was prepared for a stream, once.</summary>
    /// <exception cref="Failures.ProviderException">The provider failed or refused.</exception>
    IAsyncEnumerable<ChatResponseUpdate> StreamAsync(PreparedRequest request, CancellationToken cancellationToken);
}
