using Router.Core.Failures;
using Router.Core.Keys;
using Router.Core.Providers;
using Router.Core.Routing;

namespace Router.Core.Chat;

/// <summary>One upstream request while it runs: its route, its leased key, its record and its clock.</summary>
public sealed class Attempt(PlanEntry entry, int number, Secret secret, AttemptRecord record, AttemptClock clock)
{
    public PlanEntry Entry { get; } = entry;

    /// <summary>1 for the first upstream request.</summary>
    public int Number { get; } = number;

    /// <summary>The key, for the request message and nothing else.</summary>
    public Secret Secret { get; } = secret;

    public AttemptRecord Record { get; } = record;

    public AttemptClock Clock { get; } = clock;

    /// <summary>What the key is looked at again with, and the request it is looked at for; null where nothing is stored.</summary>
    internal (CurrentKeys Keys, RouteRequest Request)? Stored { get; init; }

    /// <summary>For a leaf that had to wait for something before it could send.</summary>
    /// <exception cref="UnsentException">The key was deleted or replaced meanwhile, and must not be sent.</exception>
    internal void ConfirmKey()
    {
        PlanEntry now = Entry;
        if (Stored is not { } stored)
        {
            return;
        }

        if (stored.Keys.Refuse(stored.Request, ref now) is { } gone)
        {
            throw UnsentException.Of(Entry, gone);
        }

        if (!ReferenceEquals(now, Entry))
        {
            throw UnsentException.Of(now, new AttemptError(FailureClass.Credential, null, "the key was replaced before its first use."));
        }
    }

    /// <summary>The provider has begun to answer.</summary>
    /// <param name="sent">The key the request carries, where it is not the attempt's own.</param>
    public void HeadersReceived(HttpResponseMessage response, Secret? sent = null)
    {
        Clock.HeadersReceived();
        Record.UpstreamRequestId = HttpBodies.RequestId(response, sent ?? Secret, Secret, Entry.Provider.SystemCredential?.Secret);
    }

    /// <summary>A word of the provider's that is to stand in a receipt or a tag, such as the model that served; null where it may be a key.</summary>
    internal string? Passed(string? name) =>
        name == Entry.Model ? name : ProviderWords.Name(name, Secret, Entry.Credential.Secret, Entry.Provider.SystemCredential?.Secret);
}
