using System.Globalization;
using Router.Core.Failures;
using Router.Core.Limits;
using Router.Core.Telemetry;
using static System.FormattableString;

namespace Router.Api.Dialects;

/// <summary>The <c>x-ratelimit-…</c> headers as OpenAI names and writes them, and the refusal that goes with them.</summary>
internal static class LimitHeaders
{
    /// <summary>Keeps what the headers of the answer will say, whatever the answer is.</summary>
    public static void Keep(HttpContext context, LimitDecision decision) => context.Features.Set(decision);

    public static void Set(HttpContext context)
    {
        if (context.Features.Get<LimitDecision>() is not { } decision)
        {
            return;
        }

        Set(context.Response.Headers, LimitTelemetry.Requests, decision.Requests);
        Set(context.Response.Headers, LimitTelemetry.Tokens, decision.Tokens);
    }

    public static RouterError Error(LimitRefusal refusal)
    {
        string who = refusal.Scope == LimitTelemetry.RouterKey ? "router API key" : "workspace";
        string per = refusal.Kind == LimitTelemetry.Tokens ? "tokens per minute" : "requests per second";
        return RouterError.RateLimited(
            refusal.Kind,
            string.Create(CultureInfo.InvariantCulture, $"This {who}'s limit of {refusal.Status.Limit} {per} is used up. Try again in {Duration(refusal.Status.Reset)}."),
            // In whole seconds at least one: zero would ask for the next refusal at once.
            TimeSpan.FromSeconds(Math.Max(Math.Ceiling(refusal.Status.Reset.TotalSeconds), 1)));
    }

    /// <summary>As OpenAI writes durations: <c>20ms</c>, <c>1.5s</c>, <c>6m0s</c>.</summary>
    internal static string Duration(TimeSpan span)
    {
        long milliseconds = (long)Math.Ceiling(Math.Max(span.TotalMilliseconds, 0));
        decimal seconds = milliseconds % 60_000 / 1000m;
        return milliseconds switch
        {
            < 1000 => Invariant($"{milliseconds}ms"),
            < 60_000 => Invariant($"{seconds:0.###}s"),
            < 3_600_000 => Invariant($"{milliseconds / 60_000}m{seconds:0.###}s"),
            _ => Invariant($"{milliseconds / 3_600_000}h{milliseconds % 3_600_000 / 60_000}m{seconds:0.###}s"),
        };
    }

    private static void Set(IHeaderDictionary headers, string kind, LimitStatus? status)
    {
        if (status is not { } known)
        {
            return;
        }

        headers[$"x-ratelimit-limit-{kind}"] = known.Limit.ToString(CultureInfo.InvariantCulture);
        headers[$"x-ratelimit-remaining-{kind}"] = known.Remaining.ToString(CultureInfo.InvariantCulture);
        headers[$"x-ratelimit-reset-{kind}"] = Duration(known.Reset);
    }
}
