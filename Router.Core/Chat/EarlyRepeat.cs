using Router.Core.Failures;
using Router.Core.Health;
using Router.Core.Routing;

namespace Router.Core.Chat;

/// <summary>
/// What is worth one more try on the same route before the next model: on the first model that was asked, a first 5xx, or a rate limit
/// that ends in a moment. Only with the last key that may serve that model: another key is the better second try. Never where the
/// attempt budget would leave none for the next model, nor on a route that fails for everyone.
/// </summary>
internal static class EarlyRepeat
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    /// <param name="attemptsLeft">How many upstream requests this one may still make.</param>
    /// <param name="longestWait">As configured for the end of the chain; zero: never wait.</param>
    public static LastResort? Find(RouteRequest request, ICredentialHealth health, RouteBreakers? breakers, DateTimeOffset now, int attemptsLeft, TimeSpan longestWait)
    {
        if (request.RepeatedEarly is not null || request.Position < 0 || request.Attempts is not [.., { Skipped: false, Error: { TimedOut: false } error } last] || request.LastFailure is not { OfRequest: false, InAnswer: false })
        {
            return null;
        }

        DateTimeOffset at = last.RetryAt > now ? last.RetryAt.Value : now;
        bool worth = FailureConsequences.Of(error.Failure).Repeat switch
        {
            Repeat.Trouble => error.Status >= 500,
            Repeat.Pause => last.RetryAt is not null,
            _ => false,
        };
        return worth
            && at - now <= (longestWait < LongestPause ? longestWait : LongestPause)
            && at < request.Deadline
            && request.Attempts.TrueForAll(attempt => attempt.Skipped || attempt.Entry.Step == last.Entry.Step)
            && !OtherKeyMayServe(request, health, last.Entry, error.Failure)
            && attemptsLeft > (HasNextModel(request, last.Entry.Step) ? 1 : 0)
            && breakers?.IsOpen(last.Entry, request.Workspace.Id) != true
            ? new LastResort(last.Entry, at, error.Failure) : null;
    }

    private static bool OtherKeyMayServe(RouteRequest request, ICredentialHealth health, PlanEntry tried, FailureClass failure)
    {
        if (FailureConsequences.MayCrossToSystem(failure, request.Workspace.Policy))
        {
            for (int i = request.Position + 1; i < request.Plan!.Entries.Length; i++)
            {
                PlanEntry other = request.Plan.Entries[i];
                if (other.Step == tried.Step && other.Credential.Secret is not null && health.Check(other.Credential.Id, other.Model).Usable)
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static bool HasNextModel(RouteRequest request, int step)
    {
        for (int i = request.Position + 1; i < request.Plan!.Entries.Length; i++)
        {
            if (request.Plan.Entries[i].Step != step)
            {
                return true;
            }
        }

        return false;
    }
}
