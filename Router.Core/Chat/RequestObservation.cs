using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Router.Core.Telemetry;

namespace Router.Core.Chat;

/// <summary>What is done about a request that has ended: its attempts are priced, each observer sees it, its span is completed and stopped.</summary>
/// <param name="costs">Null where nobody asks for prices.</param>
public sealed partial class RequestObservation(AttemptCosts? costs, ILogger? logger, params IRequestObserver[] observers)
{
    /// <summary>Never throws: what an observer does wrong must not cost the caller an answer, nor the other observers theirs.</summary>
    /// <param name="span">
    /// The request's own, which is over but not stopped; null where none was begun. Observers work within it, so that what they measure
    /// names it. Another activity is current afterwards.
    /// </param>
    public void Observe(RouteRequest request, Activity? span = null)
    {
        if (Activity.Current != span)
        {
            Activity.Current = span;
        }

        try
        {
            Price(request);
        }
        catch (Exception e)
        {
            Lost(nameof(AttemptCosts), request, e);
        }

        foreach (IRequestObserver observer in observers)
        {
            try
            {
                observer.Ended(request);
            }
            catch (Exception e)
            {
                Lost(observer.GetType().Name, request, e);
            }
        }

        try
        {
            if (span is { IsAllDataRequested: true })
            {
                Describe(span, request);
            }

            span?.Stop();
        }
        catch (Exception e)
        {
            Lost(nameof(Activity), request, e);
        }
    }

    private static void Describe(Activity span, RouteRequest request)
    {
        span.Tag(Tags.PlanSize, request.Plan?.Entries.Length ?? 0);
        span.Tag(Tags.AttemptCount, request.UpstreamRequests);
        decimal? cost = null;
        decimal? charge = null;
        bool estimated = false;
        foreach (AttemptRecord attempt in request.Attempts)
        {
            cost = attempt.Cost.ListPrice + (cost ?? 0) ?? cost;
            charge = attempt.Cost.Charge + (charge ?? 0) ?? charge;
            estimated |= attempt.Cost.Estimated;
        }

        CostTags.Set(span, cost, charge, estimated);
    }

    private void Price(RouteRequest request)
    {
        foreach (AttemptRecord attempt in request.Attempts)
        {
            if (costs is not null && !attempt.Skipped)
            {
                attempt.Cost = costs.Of(request, attempt);
            }
        }
    }

    private void Lost(string observer, RouteRequest request, Exception exception)
    {
        if (logger is not null)
        {
            LogObserver(logger, observer, request.GenerationId, exception);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Observer} failed; what it records of chat {GenerationId} is lost")]
    private static partial void LogObserver(ILogger logger, Printable observer, Printable generationId, Exception exception);
}
