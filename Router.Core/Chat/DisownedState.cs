using Microsoft.Extensions.AI;
using Router.Core.Chat.State;
using Router.Core.Failures;

namespace Router.Core.Chat;

/// <summary>What a provider's complaint about a conversation's opaque state means.</summary>
internal static class DisownedState
{
    /// <summary>A provider refused the state as not its own: the key was not the issuer after all.</summary>
    public static bool Was(RouteRequest request, IEnumerable<ChatMessage> messages)
    {
        if (request is not { Attempts: [.., { Skipped: false, Error.Failure: FailureClass.Affinity } last] })
        {
            return false;
        }

        OpaqueState refused = CredentialAffinity.Found(request, messages) & OpaqueStates.CarriedBy(last.Entry.Provider.Definition.Dialect) & ~request.Disowned;
        request.Disowned |= refused;
        return refused != OpaqueState.None;
    }

    /// <summary>A complaint about state that is not there can only be about what the caller wrote.</summary>
    public static ProviderException OwnFault(RouteRequest request, ProviderException failure, IEnumerable<ChatMessage> messages)
    {
        if (failure.Failure != FailureClass.Affinity || CredentialAffinity.Found(request, messages) != OpaqueState.None)
        {
            return failure;
        }

        request.Attempts[^1].Error = request.Attempts[^1].Error! with { Failure = FailureClass.CallerFault };
        return new ProviderException(FailureClass.CallerFault, failure.Message, failure) { Status = failure.Status, UpstreamRequestId = failure.UpstreamRequestId, UpstreamError = failure.UpstreamError };
    }
}
