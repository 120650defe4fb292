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

    internal static UsageRecord Record(RouteRequest request, AttemptRecord attempt, int number)
    {
        var credential = attempt.Entry.Credential;
        var (tokens, estimated, price, charge, tier) = attempt.Cost;
        return new UsageRecord(
            RequestIds.New(attempt.StartedAt),
            attempt.StartedAt,
            request.Workspace.Id,
            request.RouterKeyId,
            Guid.Parse(request.GenerationId),
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
