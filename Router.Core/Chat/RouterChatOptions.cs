using Microsoft.Extensions.AI;

namespace Router.Core.Chat;

/// <summary>
/// Chat options with the router's typed state. Nothing of it stands in AdditionalProperties, which telemetry may print;
/// the subclass survives every stage that clones.
/// </summary>
public sealed class RouterChatOptions : ChatOptions
{
    public RouterChatOptions(RouteRequest request) => Request = request;

    private RouterChatOptions(RouterChatOptions other)
        : base(other)
    {
        Request = other.Request;
        Attempt = other.Attempt;
    }

    private RouterChatOptions(ChatOptions other, RouteRequest request)
        : base(other) => Request = request;

    /// <summary>Shared by all clones.</summary>
    public RouteRequest Request { get; }

    /// <summary>Set below the attempt stage.</summary>
    public Attempt? Attempt { get; set; }

    /// <summary>The same options with the router's state added.</summary>
    public static RouterChatOptions From(ChatOptions options, RouteRequest request) => new(options, request);

    public override ChatOptions Clone() => new RouterChatOptions(this);
}
