using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.AI;
using Router.Core.Failures;
using Router.Core.Providers;
using Router.Core.Routing;
using Router.Core.Telemetry;

namespace Router.Core.Chat;

/// <summary>
/// The client span of one attempt, with the names of the GenAI conventions. Keeps a handful of values of a stream, never its
/// updates, so memory does not grow with the answer.
/// </summary>
internal sealed class AttemptSpan : IDisposable
{
    private readonly Activity _activity;
    private readonly RouteRequest _request;
    private readonly Attempt _attempt;
    private readonly long _started = Stopwatch.GetTimestamp();
    private string? _model;
    private string? _id;
    private ChatFinishReason? _finish;
    private UsageDetails? _usage;
    private bool _begun;
    private bool _committed;
    private string _outcome = "success";

    private AttemptSpan(Activity activity, RouteRequest request, Attempt attempt) => (_activity, _request, _attempt) = (activity, request, attempt);

    /// <summary>Null where the trace is not recorded. Current until it is disposed.</summary>
    public static AttemptSpan? Start(RouterChatOptions options, Attempt attempt, bool stream)
    {
        Activity? activity = RouterTelemetry.Start("chat", options.ModelId, ActivityKind.Client);
        if (activity is not { IsAllDataRequested: true })
        {
            activity?.Dispose();
            return null;
        }

        Provider provider = attempt.Entry.Provider;
        Credential credential = attempt.Entry.Credential;
        activity.Tag(Tags.OperationName, "chat");
        activity.Tag(Tags.ProviderName, provider.Definition.TelemetryName);
        activity.Tag(Tags.RequestModel, options.ModelId);
        activity.Tag(Tags.RequestStream, stream);
        activity.Tag(Tags.ServerAddress, provider.BaseUrl.Host);
        activity.Tag(Tags.ServerPort, provider.BaseUrl.Port);
        activity.Tag(Tags.Simulated, provider.Simulated ? true : null);
        activity.Tag(Tags.GenerationId, options.Request.GenerationId);
        activity.Tag(Tags.AttemptNumber, attempt.Number);
        activity.Tag(Tags.CredentialType, credential.Type == CredentialType.Byok ? "byok" : "system");
        activity.Tag(Tags.CredentialSource, credential.Source);
        activity.Tag(Tags.CredentialFingerprint, credential.Fingerprint);
        activity.Tag(Tags.AttemptReason, Reason(options.Request, attempt.Record));
        SamplingTags.Set(activity, options);
        return new AttemptSpan(activity, options.Request, attempt);
    }

    public void Answered(ChatResponse response) =>
        (_model, _id, _finish, _usage) = (response.ModelId, response.ResponseId, response.FinishReason, response.Usage);

    /// <summary>An update has come.</summary>
    /// <param name="content">It carries something a user could see.</param>
    /// <param name="usage">What it counts.</param>
    public void Note(ChatResponseUpdate update, bool content, UsageDetails? usage)
    {
        _model ??= update.ModelId;
        _id ??= update.ResponseId;
        _finish = update.FinishReason ?? _finish;
        _usage = usage ?? _usage;
        if (content && !_begun)
        {
            _begun = true;
            _activity.Tag(Tags.TimeToFirstChunk, Stopwatch.GetElapsedTime(_started).TotalSeconds);
        }
    }

    /// <summary>What has come goes out.</summary>
    public void GoesOut()
    {
        if (_begun && !_committed)
        {
            _committed = true;
            _activity.AddEvent(new ActivityEvent(Tags.CommitEvent));
        }
    }

    /// <summary>The caller wants no more of a stream.</summary>
    public void Cancelled()
    {
        _outcome = "cancelled";
        _activity.AddEvent(new ActivityEvent(Tags.CancelledEvent));
    }

    public void Failed(Exception error)
    {
        if (error is OperationCanceledException && _attempt.Clock is { Expired: true } clock)
        {
            error = clock.TimeoutException(error);
        }
        else if (error is OperationCanceledException && _attempt.Clock.ShutDown)
        {
            error = new ProviderException(FailureClass.ShuttingDown, "The router was stopped before the answer was complete.", error);
        }

        if (error is ProviderException failure)
        {
            _outcome = FailureConsequences.Code(failure.Failure);
            _activity.Tag(Tags.FailureClass, FailureConsequences.Code(failure.Failure));
            _activity.Tag(Tags.HttpStatus, failure.Status);
            _activity.Tag(Tags.ErrorType, ErrorType(failure));
            _activity.SetStatus(ActivityStatusCode.Error, failure.Message);
        }
        else
        {
            _outcome = error is OperationCanceledException ? "cancelled" : "error";
            _activity.Tag(Tags.ErrorType, error is OperationCanceledException ? "canceled" : error.GetType().Name);
            _activity.SetStatus(ActivityStatusCode.Error);
        }
    }

    /// <summary>What is known of the answer and its price, at the end of the attempt however it ended.</summary>
    public void Ended(AttemptCosts? costs)
    {
        // A list of attempts reads by itself: whose key, and what became of it.
        _activity.DisplayName = $"{_activity.DisplayName} [{(_attempt.Entry.Credential.Type == CredentialType.Byok ? "byok" : "system")}: {_outcome}]";
        _activity.Tag(Tags.ResponseModel, _attempt.Passed(_model));
        _activity.Tag(Tags.ResponseId, _attempt.Passed(_id));
        _activity.Tag(Tags.FinishReasons, _attempt.Passed(_finish?.Value) is { } reason ? new[] { reason } : null);
        _activity.Tag(Tags.InputTokens, _usage?.InputTokenCount);
        _activity.Tag(Tags.OutputTokens, _usage?.OutputTokenCount);
        _activity.Tag(Tags.CachedInputTokens, _usage?.CachedInputTokenCount);
        _activity.Tag(Tags.CacheWriteTokens, (_usage as MeteredUsage)?.CacheWrite);
        _activity.Tag(Tags.ReasoningTokens, _usage?.ReasoningTokenCount);
        if (_attempt.Record.MalformedLines > 0)
        {
            _activity.Tag(Tags.MalformedLines, _attempt.Record.MalformedLines);
        }

        if (costs is not null)
        {
            AttemptCost cost = costs.Of(_request, _attempt.Record);
            CostTags.Set(_activity, cost.ListPrice, cost.Charge, cost.Estimated);
        }
    }

    public void Dispose() => _activity.Dispose();

    /// <summary>Why the walk came to this attempt: what became of the entry before it; null for the first.</summary>
    private static string? Reason(RouteRequest request, AttemptRecord attempt) =>
        request.Attempts.IndexOf(attempt) is > 0 and var index && request.Attempts[index - 1].Error is { } before ? FailureConsequences.Code(before.Failure) : null;

    private static string ErrorType(ProviderException failure) =>
        failure.TimedOut ? "timeout"
        : failure.Status is >= 400 and { } status ? status.ToString(CultureInfo.InvariantCulture)
        : FailureConsequences.Code(failure.Failure);
}
