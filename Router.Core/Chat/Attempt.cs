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

    /// <summary>The provider has begun to answer.</summary>
    public void HeadersReceived(HttpResponseMessage response)
    {
        Clock.HeadersReceived();
        Record.UpstreamRequestId = HttpBodies.RequestId(response);
    }
}
