using System.Globalization;
using Router.Core.Failures;
using Router.Core.Limits;
using Router.Core.Telemetry;
using static System.FormattableString;

namespace Router.Api.Dialects;

/// <summary>The <c>x-ratelimit-…</c> headers as OpenAI names and writes them, and the refusal that goes with them.</summary>
internal static class LimitHeaders
{
    private const string LimitRequests = "x-ratelimit-limit-requests";
    private const string RemainingRequests = "x-ratelimit-remaining-requests";
    private const string ResetRequests = "x-ratelimit-reset-requests";
    private const string LimitTokens = "x-ratelimit-limit-tokens";
    private const string RemainingTokens = "x-ratelimit-remaining-tokens";
    private const string ResetTokens = "x-ratelimit-reset-tokens";

    /// <summary>Most limits end within the second.</summary>
    private static readonly string?[] Milliseconds = new string?[1000];

    /// <summary>The limits written last: few requests meet another than the one before.</summary>
    private static Tuple<long, string> _requests = new(0, "0");

    private static Tuple<long, string> _tokens = _requests;

    public static void Set(IHeaderDictionary headers, LimitDecision decision)
    {
        if (decision.Requests is { } requests)
        {
            headers[LimitRequests] = Text(requests.Limit, ref _requests);
            headers[RemainingRequests] = requests.Remaining.ToString(CultureInfo.InvariantCulture);
            headers[ResetRequests] = Duration(requests.Reset);
        }

        if (decision.Tokens is { } tokens)
        {
            headers[LimitTokens] = Text(tokens.Limit, ref _tokens);
            headers[RemainingTokens] = tokens.Remaining.ToString(CultureInfo.InvariantCulture);
            headers[ResetTokens] = Duration(tokens.Reset);
        }
    }

    private static string Text(long limit, ref Tuple<long, string> last)
    {
        Tuple<long, string> known = last;
        if (known.Item1 != limit)
        {
            last = known = new(limit, limit.ToString(CultureInfo.InvariantCulture));
        }

        return known.Item2;
    }

    public static RouterError Error(LimitRefusal refusal)
    {
        string who = refusal.Scope == LimitTelemetry.RouterKey ? "router API key" : "workspace";
        string per = refusal.Kind switch
        {
            LimitTelemetry.Tokens => "tokens per minute",
            LimitTelemetry.Changes => "changes per minute",
            _ => "requests per second",
        };
        return RouterError.RateLimited(
            refusal.Kind,
            string.Create(CultureInfo.InvariantCulture, $"This {who}'s limit of {refusal.Status.Limit} {per} is used up. Try again in {Duration(refusal.Status.Reset)}."),
            // In whole seconds at least one: zero would ask for the next refusal at once.
            TimeSpan.FromSeconds(Math.Max(Math.Ceiling(refusal.Status.Reset.TotalSeconds), 1)));
    }

    /// <summary>Without trailing zeros; the general format for decimals costs more than all the rest of the headers.</summary>
    private static string Seconds(long milliseconds)
    {
        Span<char> text = stackalloc char[8];
        (milliseconds / 1000).TryFormat(text, out int length, provider: CultureInfo.InvariantCulture);
        if (milliseconds % 1000 is > 0 and var fraction)
        {
            text[length] = '.';
            fraction.TryFormat(text[(length + 1)..], out int digits, "D3", CultureInfo.InvariantCulture);
            length += 1 + digits;
            while (text[length - 1] == '0')
            {
                length--;
            }
        }

        text[length] = 's';
        return text[..(length + 1)].ToString();
    }

    /// <summary>As OpenAI writes durations: <c>20ms</c>, <c>1.5s</c>, <c>6m0s</c>.</summary>
    internal static string Duration(TimeSpan span)
    {
        long milliseconds = (long)Math.Ceiling(Math.Max(span.TotalMilliseconds, 0));
        if (milliseconds < 1000)
        {
            return Milliseconds[milliseconds] ??= Invariant($"{milliseconds}ms");
        }

        if (milliseconds < 60_000)
        {
            return Seconds(milliseconds);
        }

        decimal seconds = milliseconds % 60_000 / 1000m;
        return milliseconds switch
        {
            < 3_600_000 => Invariant($"{milliseconds / 60_000}m{seconds:0.###}s"),
            _ => Invariant($"{milliseconds / 3_600_000}h{milliseconds % 3_600_000 / 60_000}m{seconds:0.###}s"),
        };
    }
}
