using System.Diagnostics;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Router.Core.Failures;
using Router.Core.Telemetry;

namespace Router.Core.Chat;

/// <summary>One span per request, parent of its attempts: what was asked, how many attempts it took, how it ended.</summary>
/// <param name="queue">Where ended requests are observed a little later, and their spans stopped; null: at once.</param>
public sealed class RequestTelemetryChatClient(IChatClient inner, RequestObservation observation, ObservationQueue? queue = null) : DelegatingChatClient(inner)
{
    public override async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        Activity? activity = Start(options);
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
        Activity? activity = Start(options);
        long started = Stopwatch.GetTimestamp();
        Exception? error = null;
        bool finished = false;
        IAsyncEnumerator<ChatResponseUpdate>? updates = null;
        try
        {
            while (true)
            {
                try
                {
                    updates ??= base.GetStreamingResponseAsync(messages, options, cancellationToken).GetAsyncEnumerator(cancellationToken);
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
            if (updates is not null)
            {
                await updates.DisposeAsync().ConfigureAwait(false);
            }

            Stop(activity, options, started, error ?? (finished ? null : new OperationCanceledException()));
        }
    }

    private static Activity? Start(ChatOptions? options)
    {
        Activity? activity = RouterTelemetry.Start("route", options?.ModelId, ActivityKind.Internal);
        if (options is not RouterChatOptions { Request: { } request })
        {
            return activity;
        }

        request.TraceId = Activity.Current?.TraceId.ToHexString();
        if (activity is { IsAllDataRequested: true })
        {
            activity.Tag(Tags.GenerationId, request.GenerationId);
            activity.Tag(Tags.WorkspaceId, request.Workspace.Id);
            activity.Tag(Tags.RequestModel, request.Model);
            if (request.SavedRouter is { } router)
            {
                activity.Tag(Tags.SavedRouterName, router.Name);
                activity.Tag(Tags.SavedRouterRoute, router.Route);
                activity.Tag(Tags.SavedRouterVariant, router.Variant);
            }
        }

        return activity;
    }

    private void Stop(Activity? activity, ChatOptions? options, long started, Exception? error)
    {
        TimeSpan duration = Stopwatch.GetElapsedTime(started);
        activity?.SetEndTime(activity.StartTimeUtc + duration);
        switch (error)
        {
            case null:
                break;
            case OperationCanceledException:
                activity?.AddEvent(new ActivityEvent(Tags.CancelledEvent));
                break;
            default:
                activity?.Retag(Tags.ErrorType, ErrorType(error));
                activity?.SetStatus(ActivityStatusCode.Error);
                break;
        }

        if (options is not RouterChatOptions { Request: var request })
        {
            activity?.Stop();
            return;
        }

        request.Duration = duration;
        request.TraceId = Activity.Current?.TraceId.ToHexString();
        if (queue is not null)
        {
            queue.Add(request, activity);
        }
        else
        {
            observation.Observe(request, activity);
        }
    }

    private static string ErrorType(Exception error) => error switch
    {
        RouterException router => router.Error.Code,
        ProviderException provider => FailureConsequences.Code(provider.Failure),
        _ => error.GetType().Name,
    };
}
