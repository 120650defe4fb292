using Microsoft.Extensions.Logging;

namespace Router.Core.Chat;

/// <summary>What is done about a request that has ended: its attempts are priced, then each observer sees it.</summary>
/// <param name="costs">Null where nobody asks for prices.</param>
public sealed partial class RequestObservation(AttemptCosts? costs, ILogger? logger, params IRequestObserver[] observers)
{
    /// <summary>Never throws: what an observer does wrong must not cost the caller an answer, nor the other observers theirs.</summary>
    public void Observe(RouteRequest request)
    {
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
    }

    private void Price(RouteRequest request)
    {
        foreach (AttemptRecord attempt in request.Attempts)
        {
            if (costs is not null && !attempt.Skipped)
            {
                attempt.Cost = costs.Of(request, attempt, attempt.Usage, attempt.Error is { Status: >= 400 });
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
    private static partial void LogObserver(ILogger logger, string observer, string generationId, Exception exception);
}
