using Router.Core.Chat;

namespace Router.Core.Usage;

/// <summary>What is under way in this process, as the receipts it will leave should the process not live to see its end.</summary>
public sealed class RunningReceipts(AttemptClocks clocks, AttemptCosts costs)
{
    /// <summary>The outcome of what was under way in a process that is gone.</summary>
    public const string Lost = "lost";

    /// <summary>What is over sooner is nothing to note: its receipt is nearly written.</summary>
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(1);

    /// <summary>Of every attempt that has run for longer than a second and may have reached its provider, with the tokens that have come so far.</summary>
    public List<UsageRecord> Now()
    {
        List<UsageRecord> receipts = [];
        foreach (var (serves, lasts) in clocks.Running())
        {
            // Written by another thread as it is read here: what comes out is of some moment of the last second, which is all it claims.
            if (lasts < Least || serves.Attempt is not { Record: { Begun: true } record } attempt)
                continue;
            var cost = costs.Of(serves.Request, record, AttemptTokens.SoFar(record, Prompt(serves.Request)));
            receipts.Add(UsageRecorder.Record(serves.Request, record, attempt.Number, cost) with { Outcome = Lost, DurationMs = (long)lasts.TotalMilliseconds });
        }

        return receipts;
    }

    private static long Prompt(RouteRequest request)
    {
        try
        {
            return request.NotedPromptTokens ??= request.Source?.PromptTokens() ?? 0;
        }
        catch (Exception)
        {
            // It has ended, and its memory is another request's already: its note is forgotten with it.
            return 0;
        }
    }
}
