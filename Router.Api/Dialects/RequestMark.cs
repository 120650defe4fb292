using System.Diagnostics;
using Router.Core.Chat;

namespace Router.Api.Dialects;

/// <summary>What a request is known by from its first moment on: its generation id, its clock, its span.</summary>
internal sealed class RequestMark(Activity? span)
{
    private readonly long _started = Stopwatch.GetTimestamp();

    /// <summary>UUID version 7: sorts by time.</summary>
    public string GenerationId { get; } = Guid.CreateVersion7().ToString();

    /// <summary>The server's span; null without telemetry.</summary>
    public Activity? Span { get; } = span;

    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_started);

    /// <summary>The chat it asked for, once it could be read.</summary>
    public RouteRequest? Chat { get; set; }
}
