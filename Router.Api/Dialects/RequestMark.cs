using System.Diagnostics;
using Router.Api.Hosting;
using Router.Core.Chat;
using Router.Core.Limits;
using Router.Core.Telemetry;

namespace Router.Api.Dialects;

/// <summary>What a request is known by from its first moment on: its generation id, its clock, its span.</summary>
internal sealed class RequestMark(HttpContext context, Activity span, Draining? draining = null)
{
    private readonly long _started = Stopwatch.GetTimestamp();

    public HttpContext Context { get; } = context;

    /// <summary>UUID version 7: sorts by time.</summary>
    public string GenerationId { get; } = RequestIds.New(DateTimeOffset.UtcNow).ToString();

    /// <summary>The server's span.</summary>
    public Activity Span { get; } = span;

    /// <summary>The process is being stopped: the caller should leave this connection.</summary>
    public bool ClosesConnection => draining is { IsDraining: true };

    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_started);

    /// <summary>What the limits said of it; null where none were asked.</summary>
    public LimitDecision? Limits { get; set; }

    /// <summary>The chat it asked for, once it could be read.</summary>
    public RouteRequest? Chat { get; set; }
}
