using Router.Core.Failures;
using Router.Core.Health;
using Router.Core.Routing;

namespace Router.Core.Chat;

/// <summary>
/// What may still serve when the chain is at its end: a route with a passing trouble is tried once more, and one whose rate
/// limit ends soon is waited for, once each. What had its second try already, before the next model, gets no third. A JSON answer that
/// did not come in time gets no second: its provider may have been at work on it all the while.
/// </summary>
/// <param name="At">Not before then.</param>
/// <param name="Reason">Why it did not serve.</param>
internal readonly record struct LastResort(PlanEntry Entry, DateTimeOffset At, FailureClass Reason)
{
    /// <param name="latest">Later than this is not worth waiting for.</param>
    public static LastResort? Find(RouteRequest request, ICredentialHealth health, DateTimeOffset now, DateTimeOffset latest)
    {
        if (request.LastFailure is { } last && !FailureConsequences.MayTryNextModel(last.Failure))
        {
            return null;
        }

        LastResort? again = request.Repeated ? null : Passing(request, now);
        LastResort? cooled = request.Waited ? null : Cooling(request, health, now);
        LastResort? first = cooled is null || again?.At <= cooled.Value.At ? again : cooled;
        return first?.At <= latest ? first : again?.At <= latest ? again : null;
    }

    private static LastResort? Passing(RouteRequest request, DateTimeOffset now) =>
        request.Attempts.FindLast(attempt => !attempt.Skipped) is { Error: { } error } last && FailureConsequences.MayRepeat(error.Failure) && (request.Stream || !error.TimedOut) && !ReferenceEquals(last.Entry, request.RepeatedEarly)
            ? new LastResort(last.Entry, Later(last.RetryAt, now), error.Failure)
            : null;

    /// <summary>The route whose rate limit ends first, by what its provider asked for or by what is known of its key.</summary>
    private static LastResort? Cooling(RouteRequest request, ICredentialHealth health, DateTimeOffset now)
    {
        LastResort? first = null;
        foreach (AttemptRecord attempt in request.Attempts)
        {
            if (attempt.Error is not { Failure: FailureClass.RateLimit } || attempt.Entry.Credential.Secret is null || ReferenceEquals(attempt.Entry, request.RepeatedEarly))
            {
                continue;
            }

            HealthVerdict verdict = health.Check(attempt.Entry.Credential.Id, attempt.Entry.Model);
            bool dead = !verdict.Usable && verdict.Reason != FailureClass.RateLimit;
            if (!dead && (verdict.Until ?? attempt.RetryAt) is { } until && (first is null || until < first.Value.At))
            {
                first = new LastResort(attempt.Entry, Later(until, now), FailureClass.RateLimit);
            }
        }

        return first;
    }

    private static DateTimeOffset Later(DateTimeOffset? at, DateTimeOffset now) => at > now ? at.Value : now;
}
