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

    /// <summary>The request's attempts so far, this one among them; null where there is no request.</summary>
    internal IReadOnlyList<AttemptRecord>? Before { get; init; }

    /// <summary>The same attempt with a token in the key's place.</summary>
    internal Attempt With(Secret token) => new(Entry, Number, token, Record, Clock) { Before = Before };

    /// <summary>The provider has begun to answer.</summary>
    /// <param name="sent">The key the request carries, where it is not the attempt's own.</param>
    public void HeadersReceived(HttpResponseMessage response, Secret? sent = null)
    {
        Clock.HeadersReceived();
        Record.Key = sent ?? Secret;
        Record.UpstreamRequestId = Before is { Count: > 1 }
            ? HttpBodies.RequestId(response, Known())
            : HttpBodies.RequestId(response, Record.Key, Secret, Entry.Provider.SystemCredential?.Secret);
    }

    /// <summary>A word of the provider's that is to stand in a receipt or a tag, such as the model that served; null where it may be a key.</summary>
    internal string? Passed(string? name) =>
        name is null || name == Entry.Model ? name
        : Before is { Count: > 1 } ? ProviderWords.Name(name, Known())
        : ProviderWords.Name(name, Record.Key, Secret, Entry.Provider.SystemCredential?.Secret);

    /// <summary>The keys a provider may know by now: this attempt's, the operator's, and those of earlier attempts of the request.</summary>
    private Secret?[] Known() =>
        [.. Before!.SelectMany(attempt => (Secret?[])[attempt.Key, attempt.Entry.Credential.Secret]).Append(Record.Key).Append(Secret).Append(Entry.Credential.Secret).Append(Entry.Provider.SystemCredential?.Secret).Distinct()];
}
