using System.Diagnostics;
using System.Globalization;
using Router.Core.Chat;
using Router.Core.Routing;

namespace Router.Api.Dialects;

/// <summary>The router's response headers. Provider headers are not passed on: none is on the allow-list yet.</summary>
internal static class RouterHeaders
{
    private static readonly object StartedKey = new();

    /// <summary>Starts the clock of <c>Server-Timing</c>.</summary>
    public static void Start(HttpContext context) => context.Items[StartedKey] = Stopwatch.GetTimestamp();

    public static void Set(HttpContext context, RouteRequest? request)
    {
        IHeaderDictionary headers = context.Response.Headers;
        if (Activity.Current is { } activity)
        {
            headers["x-trace-id"] = activity.TraceId.ToHexString();
        }

        LimitHeaders.Set(context);
        TimeSpan total = context.Items[StartedKey] is long started ? Stopwatch.GetElapsedTime(started) : TimeSpan.Zero;
        TimeSpan upstream = TimeSpan.Zero;
        if (request is not null)
        {
            headers["x-generation-id"] = request.GenerationId;
            if (request.Plan is not null)
            {
                headers["x-router-attempts"] = request.UpstreamRequests.ToString(CultureInfo.InvariantCulture);
            }

            if (request.Attempts.LastOrDefault(attempt => !attempt.Skipped) is { } last)
            {
                headers["x-router-credential-type"] = last.Entry.Credential.Type == CredentialType.Byok ? "byok" : "system";
            }

            // While a stream runs its attempt has no duration yet; what counts until the headers is its first update.
            upstream = request.Attempts.Aggregate(TimeSpan.Zero, (sum, attempt) => sum + (attempt.Duration > TimeSpan.Zero ? attempt.Duration : attempt.FirstUpdate ?? TimeSpan.Zero));
        }

        double own = Math.Max((total - upstream).TotalMilliseconds, 0);
        headers["Server-Timing"] = string.Create(CultureInfo.InvariantCulture, $"router;dur={own:0.###}, upstream;dur={upstream.TotalMilliseconds:0.###}");
    }
}
