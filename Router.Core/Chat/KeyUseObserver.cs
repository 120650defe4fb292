using Router.Core.Keys;

namespace Router.Core.Chat;

/// <summary>Notes which stored keys a request called a provider with.</summary>
public sealed class KeyUseObserver(KeyUses uses) : IRequestObserver
{
    public void Ended(RouteRequest request)
    {
        foreach (var attempt in request.Attempts)
        {
            if (!attempt.Skipped && attempt.Entry.Credential.KeyId is { } key)
                uses.Note(key);
        }
    }
}
