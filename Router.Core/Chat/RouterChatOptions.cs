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
        FillTyped = other.FillTyped;
        ReadSampling = other.ReadSampling;
    }

    private RouterChatOptions(ChatOptions other, RouteRequest request)
        : base(other) => Request = request;

    /// <summary>Shared by all clones.</summary>
    public RouteRequest Request { get; }

    /// <summary>Set below the attempt stage.</summary>
    public Attempt? Attempt { get; set; }

    /// <summary>
    /// Fills the typed members from the caller's bytes. Most requests go out in the dialect they came in and never need
    /// them, so only a leaf of another dialect asks, through <see cref="EnsureTyped"/>.
    /// </summary>
    public Action<ChatOptions>? FillTyped { get; set; }

    /// <summary>The sampling parameters alone, for telemetry, from the caller's bytes. What cannot be read is left out.</summary>
    public Func<ChatOptions>? ReadSampling { get; set; }

    /// <summary>These options with every typed member set. Call it on a clone of one's own.</summary>
    public RouterChatOptions EnsureTyped()
    {
        Action<ChatOptions>? fill = FillTyped;
        FillTyped = null;
        fill?.Invoke(this);
        return this;
    }

    /// <summary>The same options with the router's state added.</summary>
    public static RouterChatOptions From(ChatOptions options, RouteRequest request) => new(options, request);

    public override ChatOptions Clone() => new RouterChatOptions(this);
}
