using Router.Core.Failures;
using Router.Core.Keys;
using Router.Core.Routing;

namespace Router.Core.Chat;

/// <summary>What the caller is told when nothing in the chain served.</summary>
internal static class ChainEnd
{
    /// <param name="late">The request's time is up.</param>
    public static RouterException Of(RouteRequest request, bool late, DateTimeOffset now) => Refusal(request)
        ?? new RouterException(Verdict.Of(Failed(request, now), request.LastFailure, late ? request.Options.Fallback.Deadline : null, request.TooLong, Said(request)), request.LastFailure);

    /// <summary>What the first entry was refused for, where no entry was left out or failed for anything else.</summary>
    private static RouterException? Refusal(RouteRequest request) =>
        request.Attempts is [{ Refusal: { } told }, ..] && request.Attempts.TrueForAll(attempt => attempt.Refusal is not null) ? new RouterException(told) : null;

    /// <summary>What the provider said of a model, of the one route that was tried, with the workspace's own key: what it says of the operator's stays here.</summary>
    private static string? Said(RouteRequest request) =>
        request is { LastFailure: { Failure: FailureClass.ModelAccess, UpstreamError: { } error }, UpstreamRequests: 1 }
        && request.Attempts.TrueForAll(attempt => attempt.Skipped || attempt.Entry.Credential.Type == CredentialType.Byok) ? error.Message : null;

    /// <summary>The routes that did not serve, each as it was seen last.</summary>
    private static List<FailedRoute> Failed(RouteRequest request, DateTimeOffset now) =>
        [.. request.Attempts.Where(attempt => attempt.Error is { Failure: not FailureClass.Unsupported }).GroupBy(attempt => attempt.Entry, (_, tries) =>
        {
            List<AttemptRecord> made = [.. tries];
            return new FailedRoute(made[^1].Error!.Failure, made.TrueForAll(attempt => attempt.Skipped || attempt.Error!.TimedOut), Remaining(made[^1], now), made[^1].Skipped, made[^1].Error!.KeyGone);
        })];

    /// <summary>What is left of the pause a route asked for.</summary>
    private static TimeSpan? Remaining(AttemptRecord attempt, DateTimeOffset now) =>
        attempt.RetryAt is not { } at ? null
        : at - now is { } left && left > TimeSpan.Zero ? left
        : TimeSpan.Zero;
}
