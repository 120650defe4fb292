using System.Diagnostics;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Router.Core.Failures;
using Router.Core.Telemetry;

namespace Router.Core.Chat;

/// <summary>One span per request, parent of its attempts: what was asked, how many attempts it took, how it ended.</summary>
public sealed class RequestTelemetryChatClient(IChatClient inner, params IRequestObserver[] observers) : DelegatingChatClient(inner)
{
    public override async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        using Activity? activity = Start(options);
        long started = Stopwatch.GetTimestamp();
        try
        {
            ChatResponse response = await base.GetResponseAsync(messages, options, cancellationToken).ConfigureAwait(false);
            Stop(activity, options, started, null);
            return response;
        }
        catch (Exception e)
        {
            Stop(activity, options, started, e);
            throw;
        }
    }

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using Activity? activity = Start(options);
        long started = Stopwatch.GetTimestamp();
        Exception? error = null;
        bool finished = false;
        IAsyncEnumerator<ChatResponseUpdate> updates = base.GetStreamingResponseAsync(messages, options, cancellationToken).GetAsyncEnumerator(cancellationToken);
        try
        {
            while (true)
            {
                try
                {
                    if (!await updates.MoveNextAsync().ConfigureAwait(false))
                    {
                        finished = true;
                        break;
                    }
                }
                catch (Exception e)
                {
                    error = e;
                    throw;
                }

                yield return updates.Current;
            }
        }
        finally
        {
            // A consumer that stops early disposes us here: the caller left. The stages below close their records first.
            await updates.DisposeAsync().ConfigureAwait(false);
            Stop(activity, options, started, error ?? (finished ? null : new OperationCanceledException()));
        }
    }

    private static Activity? Start(ChatOptions? options)
    {
        Activity? activity = RouterTelemetry.Source.StartActivity($"route {options?.ModelId}", ActivityKind.Internal);
        if (activity is { IsAllDataRequested: true } && options is RouterChatOptions { Request: { } request })
        {
            activity.SetTag(Tags.GenerationId, request.GenerationId);
            activity.SetTag(Tags.WorkspaceId, request.Workspace.Id);
            activity.SetTag(Tags.RequestModel, request.Model);
            if (request.SavedRouter is { } router)
            {
                activity.SetTag(Tags.SavedRouterName, router.Name);
                activity.SetTag(Tags.SavedRouterRoute, router.Route);
                activity.SetTag(Tags.SavedRouterVariant, router.Variant);
            }
        }

        return activity;
    }

    private void Stop(Activity? activity, ChatOptions? options, long started, Exception? error)
    {
        if (options is RouterChatOptions { Request: { } ended })
        {
            ended.Duration = Stopwatch.GetElapsedTime(started);
            foreach (IRequestObserver observer in observers)
            {
                observer.Ended(ended);
            }
        }

        if (activity is null)
        {
            return;
        }

        if (options is RouterChatOptions { Request: { } request })
        {
            activity.SetTag(Tags.PlanSize, request.Plan?.Entries.Length ?? 0);
            activity.SetTag(Tags.AttemptCount, request.UpstreamRequests);
        }

        switch (error)
        {
            case null:
                break;
            case OperationCanceledException:
                activity.AddEvent(new ActivityEvent(Tags.CancelledEvent));
                break;
            default:
                activity.SetTag(Tags.ErrorType, ErrorType(error));
                activity.SetStatus(ActivityStatusCode.Error);
                break;
        }
    }

    private static string ErrorType(Exception error) => error switch
    {
        RouterException router => router.Error.Code,
        ProviderException provider => FailureConsequences.Code(provider.Failure),
        _ => error.GetType().Name,
    };
}
