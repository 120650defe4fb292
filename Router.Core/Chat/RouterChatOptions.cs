using Microsoft.Extensions.AI;

namespace Router.Core.Chat;

/// <summary>
/// Chat options with the router's typed state. Nothing of it stands in AdditionalProperties, which telemetry may print;
/// the subclass survives every stage that clones.
/// </summary>
public sealed class RouterChatOptions : ChatOptions
{
    private bool _typed;

    public RouterChatOptions(RouteRequest request) => Request = request;

    private RouterChatOptions(RouterChatOptions other)
        : base(other)
    {
        Request = other.Request;
        Attempt = other.Attempt;
        _typed = other._typed;
    }

    private RouterChatOptions(ChatOptions other, RouteRequest request)
        : base(other) => Request = request;

    /// <summary>Shared by all clones.</summary>
    public RouteRequest Request { get; }

    /// <summary>Set below the attempt stage.</summary>
    public Attempt? Attempt { get; set; }

    /// <summary>These options with every typed member set. Call it on a clone of one's own.</summary>
    public RouterChatOptions EnsureTyped()
    {
        if (!_typed)
        {
            _typed = true;
            Request.Source?.Fill(this);
        }

        return this;
    }

    /// <summary>The same options with the router's state added.</summary>
    public static RouterChatOptions From(ChatOptions options, RouteRequest request) => new(options, request);

    public override ChatOptions Clone() => new RouterChatOptions(this);
}
