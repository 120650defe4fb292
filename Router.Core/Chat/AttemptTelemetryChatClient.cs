using System.Diagnostics;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Router.Core.Failures;
using Router.Core.Providers;
using Router.Core.Routing;
using Router.Core.Telemetry;
using Router.Core.Wire;

namespace Router.Core.Chat;

/// <summary>
/// One client span per attempt with the names of the GenAI conventions. Keeps a handful of values of a stream, never its
/// updates, so memory does not grow with the answer.
/// </summary>
public sealed class AttemptTelemetryChatClient(IChatClient inner, Provider provider, AttemptCosts costs) : DelegatingChatClient(inner)
{
    public override async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        using Activity? activity = Start(options, stream: false);
        UsageDetails? usage = null;
        Exception? error = null;
        try
        {
            ChatResponse response = await base.GetResponseAsync(messages, options, cancellationToken).ConfigureAwait(false);
            usage = response.Usage;
            Answered(activity, response.ModelId, response.ResponseId, response.FinishReason, usage);
            return response;
        }
        catch (Exception e)
        {
            error = e;
            Failed(activity, e, options);
            throw;
        }
        finally
        {
            Ended(activity, options, usage, error);
        }
    }

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using Activity? activity = Start(options, stream: true);
        long started = Stopwatch.GetTimestamp();
        var seen = new Seen();
        bool ended = false;
        Exception? error = null;
        await using IAsyncEnumerator<ChatResponseUpdate> updates = base.GetStreamingResponseAsync(messages, options, cancellationToken).GetAsyncEnumerator(cancellationToken);
        try
        {
            while (true)
            {
                try
                {
                    if (!await updates.MoveNextAsync().ConfigureAwait(false))
                    {
                        ended = true;
                        break;
                    }
                }
                catch (Exception e)
                {
                    ended = true;
                    error = e;
                    Failed(activity, e, options);
                    throw;
                }

                if (activity is not null && seen.Note(updates.Current))
                {
                    activity.SetTag(Tags.TimeToFirstChunk, Stopwatch.GetElapsedTime(started).TotalSeconds);
                    activity.AddEvent(new ActivityEvent(Tags.CommitEvent));
                }

                yield return updates.Current;
            }
        }
        finally
        {
            if (!ended)
            {
                activity?.AddEvent(new ActivityEvent(Tags.CancelledEvent));
            }

            Answered(activity, seen.Model, seen.Id, seen.Finish, seen.Usage);
            Ended(activity, options, seen.Usage, error);
        }
    }

    private Activity? Start(ChatOptions? options, bool stream)
    {
        Activity? activity = RouterTelemetry.Start("chat", options?.ModelId, ActivityKind.Client);
        if (activity is not { IsAllDataRequested: true })
        {
            return activity;
        }

        activity.Tag(Tags.OperationName, "chat");
        activity.Tag(Tags.ProviderName, provider.Definition.TelemetryName);
        activity.Tag(Tags.RequestModel, options?.ModelId);
        activity.Tag(Tags.RequestStream, stream);
        activity.Tag(Tags.ServerAddress, provider.BaseUrl.Host);
        activity.Tag(Tags.ServerPort, provider.BaseUrl.Port);
        activity.Tag(Tags.Simulated, provider.Simulated ? true : null);
        if (options is RouterChatOptions { Attempt: { } attempt, Request: { } request })
        {
            Credential credential = attempt.Entry.Credential;
            activity.Tag(Tags.GenerationId, request.GenerationId);
            activity.Tag(Tags.AttemptNumber, attempt.Number);
            activity.Tag(Tags.CredentialType, credential.Type == CredentialType.Byok ? "byok" : "system");
            activity.Tag(Tags.CredentialSource, credential.Source);
            activity.Tag(Tags.CredentialFingerprint, credential.Fingerprint);
            activity.Tag(Tags.AttemptReason, Reason(request, attempt.Record));
        }

        SamplingTags.Set(activity, options);

        return activity;
    }

    /// <summary>Why the walk came to this attempt: what became of the entry before it; null for the first.</summary>
    private static string? Reason(RouteRequest request, AttemptRecord attempt) =>
        request.Attempts.IndexOf(attempt) is > 0 and var index && request.Attempts[index - 1].Error is { } before ? FailureConsequences.Code(before.Failure) : null;

    private static void Answered(Activity? activity, string? model, string? id, ChatFinishReason? finish, UsageDetails? usage)
    {
        if (activity is not { IsAllDataRequested: true })
        {
            return;
        }

        activity.Tag(Tags.ResponseModel, model);
        activity.Tag(Tags.ResponseId, id);
        activity.Tag(Tags.FinishReasons, finish is { } reason ? new[] { reason.Value } : null);
        activity.Tag(Tags.InputTokens, usage?.InputTokenCount);
        activity.Tag(Tags.OutputTokens, usage?.OutputTokenCount);
        activity.Tag(Tags.CachedInputTokens, usage?.CachedInputTokenCount);
        activity.Tag(Tags.ReasoningTokens, usage?.ReasoningTokenCount);
    }

    private static void Failed(Activity? activity, Exception error, ChatOptions? options)
    {
        if (activity is null)
        {
            return;
        }

        if (error is OperationCanceledException && options is RouterChatOptions { Attempt.Clock: { Expired: true } clock })
        {
            error = clock.TimeoutException(error);
        }

        if (error is ProviderException failure)
        {
            activity.SetTag(Tags.FailureClass, FailureConsequences.Code(failure.Failure));
            activity.SetTag(Tags.HttpStatus, failure.Status);
            activity.SetTag(Tags.ErrorType, ErrorType(failure));
            activity.SetStatus(ActivityStatusCode.Error, failure.Message);
        }
        else
        {
            activity.SetTag(Tags.ErrorType, error is OperationCanceledException ? "canceled" : error.GetType().Name);
            activity.SetStatus(ActivityStatusCode.Error);
        }
    }

    private static string ErrorType(ProviderException failure) =>
        failure.TimedOut ? "timeout"
        : failure.Status is >= 400 and { } status ? status.ToString(System.Globalization.CultureInfo.InvariantCulture)
        : FailureConsequences.Code(failure.Failure);

    private void Ended(Activity? activity, ChatOptions? options, UsageDetails? usage, Exception? error)
    {
        if (activity is not { IsAllDataRequested: true } || options is not RouterChatOptions { Attempt.Record: { } record, Request: { } request })
        {
            return;
        }

        if (record.MalformedLines > 0)
        {
            activity.SetTag(Tags.MalformedLines, record.MalformedLines);
        }

        AttemptCost cost = costs.Of(request, record, usage, refused: error is ProviderException { Status: >= 400 });
        CostTags.Set(activity, cost.ListPrice, cost.Charge, cost.Estimated);
    }

    /// <summary>What is kept of a stream.</summary>
    private sealed class Seen
    {
        private bool _content;

        public string? Model { get; private set; }

        public string? Id { get; private set; }

        public ChatFinishReason? Finish { get; private set; }

        public UsageDetails? Usage { get; private set; }

        /// <summary>True at the first content.</summary>
        public bool Note(ChatResponseUpdate update)
        {
            Model ??= update.ModelId;
            Id ??= update.ResponseId;
            Finish = update.FinishReason ?? Finish;
            if (update.RawRepresentation is not WireChunk { HasUsage: false })
            {
                Usage = update.Contents.OfType<UsageContent>().LastOrDefault()?.Details ?? Usage;
            }

            bool first = !_content && FirstContentChatClient.HasContent(update);
            _content |= first;
            return first;
        }
    }
}
