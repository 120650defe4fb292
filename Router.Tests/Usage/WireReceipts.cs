using Router.Core.Chat;
using Router.Core.Usage;
using Router.Tests.Support;

namespace Router.Tests.Usage;

/// <summary>The receipts of a request that has ended, as they go to the database and come back.</summary>
internal static class WireReceipts
{
    public static List<UsageRecord> Of(Pipeline pipeline, RouteRequest request)
    {
        var costs = new AttemptCosts(pipeline.Catalog);
        var batch = new UsageBatch();
        int number = 0;
        foreach (AttemptRecord attempt in request.Attempts.Where(attempt => !attempt.Skipped))
        {
            attempt.Cost = costs.Of(request, attempt);
            batch.Add(UsageRecorder.Record(request, attempt, ++number));
        }

        return [.. batch.Records()];
    }
}
