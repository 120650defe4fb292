using Router.Core.Chat;
using Router.Core.Failures;
using Router.Core.Routing;
using Router.Core.Telemetry;

namespace Router.Core.Usage;

/// <summary>Makes a record of every upstream request of a request that has ended, and puts it in the queue.</summary>
public sealed class UsageRecorder(UsageQueue queue) : IRequestObserver
{
    public void Ended(RouteRequest request)
    {
        var number = 0;
        foreach (var attempt in request.Attempts)
        {
            if (!attempt.Skipped)
                queue.Add(Record(request, attempt, ++number));
        }
    }

    internal static UsageRecord Record(RouteRequest request, AttemptRecord attempt, int number) => Record(request, attempt, number, attempt.Cost);

    /// <summary>A receipt has its id from what it is of: one that was noted while the attempt ran and the one at its end are the same.</summary>
    internal static UsageRecord Record(RouteRequest request, AttemptRecord attempt, int number, in AttemptCost cost)
    {
        var credential = attempt.Entry.Credential;
        var (tokens, estimated, price, charge, tier) = cost;
        var generation = Guid.Parse(request.GenerationId);
        return new UsageRecord(
            RequestIds.OfPart(generation, attempt.StartedAt, number),
            attempt.StartedAt,
            request.Workspace.Id,
            request.RouterKeyId,
            generation,
            number,
            request.TraceId,
            attempt.Entry.Provider.Slug,
            attempt.Entry.Model,
            attempt.ResponseModel,
            credential.Type == CredentialType.Byok ? "byok" : "system",
            credential.Source,
            credential.Fingerprint,
            request.Stream,
            attempt.Success ? "success" : attempt.Cancelled ? "cancelled" : attempt.Error is { } error ? FailureConsequences.Code(error.Failure) : "unknown",
            attempt.Error?.Status,
            (long)attempt.Duration.TotalMilliseconds,
            (long?)attempt.TimeToFirstToken?.TotalMilliseconds,
            tokens?.Input,
            tokens?.Cached,
            tokens?.Output,
            tokens?.Reasoning,
            estimated,
            price,
            charge,
            tokens?.CacheWrite,
            tokens?.CacheWriteLong,
            tier);
    }
}
