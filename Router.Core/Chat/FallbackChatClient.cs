#pragma warning disable MEAI001 // FailoverChatClient is experimental; this file is the only one that knows it.
using System.Diagnostics;
using System.Runtime.ExceptionServices;
using Microsoft.Extensions.AI;
using Router.Core.Failures;
using Router.Core.Health;
using Router.Core.Providers;
using Router.Core.Routing;
using Router.Core.Telemetry;

namespace Router.Core.Chat;

/// <summary>
/// Walks the plan: one client per attempt, the next only if the failure's class allows it. The base class commits to an
/// attempt once it gave its first update; the stage below gives none before first content.
/// </summary>
public sealed class FallbackChatClient(IProviderClients clients, ICredentialHealth health, AttemptLimits limits, TimeProvider time) : FailoverChatClient
{
    /// <summary>A provider that asks for a longer pause than this is not worth waiting for within a request.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan LeastTime = TimeSpan.FromMilliseconds(10);

    /// <summary>One request buys no more upstream calls than this, however long its chain; it may ask for fewer or, up to <see cref="RouterOptions.MostModels"/>, for more.</summary>
    private const int MostAttempts = 16;

    protected override async ValueTask<IChatClient> SelectClientAsync(RoutingContext context, CancellationToken cancellationToken)
    {
        RouteRequest request = RequestOf(context);
        while (HasBudget(request) && Next(request) is { } entry)
        {
            HealthVerdict verdict = health.Check(entry.Credential.Id, entry.Model);
            if (verdict.Usable && entry.Credential.Secret is { } secret)
            {
                return new AttemptChatClient(clients.For(entry.Provider), entry, secret, limits, time);
            }

            Skip(request, entry, verdict);
        }

        if (HasBudget(request) && Repeat(request) is { } again)
        {
            await PauseAsync(request, cancellationToken).ConfigureAwait(false);
            return new AttemptChatClient(clients.For(again.Provider), again, again.Credential.Secret!, limits, time);
        }

        throw new RouterException(Verdict.Of(Failed(request), request.LastFailure, DeadlinePassed(request) ? request.Options.Fallback.Deadline : null), request.LastFailure);
    }

    protected override ValueTask OnRoutingUpdateAsync(RoutingContext context, FailoverChatClientAttempt? attempt, bool isTerminal, CancellationToken cancellationToken)
    {
        RouteRequest request = RequestOf(context);
        if (attempt?.Client is not AttemptChatClient { Entry: { } entry })
        {
            return ValueTask.CompletedTask;
        }

        switch (attempt.Exception)
        {
            case null when attempt.ResponseCompleted:
                health.ReportSuccess(entry.Credential.Id, entry.Model);
                break;
            case ProviderException failure:
                request.LastFailure = failure;
                if (failure.ByWording && entry.Credential.Type == CredentialType.System)
                {
                    break;
                }

                health.ReportFailure(entry.Credential.Id, entry.Model, failure.Failure, failure.RetryAfter, Activity.Current?.Id);
                break;
            case { } error when !isTerminal:
                // Not a provider's failure: another attempt would hide it.
                ExceptionDispatchInfo.Throw(error);
                break;
        }

        return ValueTask.CompletedTask;
    }

    public override object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is null && serviceType == typeof(ChatClientMetadata) ? new ChatClientMetadata("router") : base.GetService(serviceType, serviceKey);

    private static RouteRequest RequestOf(RoutingContext context) =>
        context.ChatOptions is RouterChatOptions options
            ? options.Request
            : throw new InvalidOperationException("The fallback stage needs a plan; put the planning stage before it.");

    private bool HasBudget(RouteRequest request) =>
        !DeadlinePassed(request) && request.UpstreamRequests < (request.Options.Fallback.MaxAttempts ?? MostAttempts);

    /// <summary>What is left must be enough for a call to come to anything.</summary>
    private bool DeadlinePassed(RouteRequest request) => time.GetUtcNow() + LeastTime >= request.Deadline;

    /// <summary>The next entry the last outcome allows; null when the plan has none.</summary>
    private static PlanEntry? Next(RouteRequest request)
    {
        var entries = request.Plan!.Entries;
        int from = request.Position;
        FailureClass reason = from < 0 ? FailureClass.Unknown : request.Attempts[^1].Error!.Failure;
        for (int i = from + 1; i < entries.Length; i++)
        {
            if (from < 0 || (entries[i].Step == entries[from].Step
                ? FailureConsequences.MayCrossToSystem(reason, request.Workspace.Policy)
                : FailureConsequences.MayTryNextModel(reason)))
            {
                request.Position = i;
                return entries[i];
            }
        }

        return null;
    }

    /// <summary>With nothing left in the chain, a passing trouble gets one more try on the same route.</summary>
    private PlanEntry? Repeat(RouteRequest request)
    {
        if (request.Repeated
            || request.LastFailure is not { } last
            || !FailureConsequences.MayRepeat(last.Failure)
            || request.Attempts[^1].Skipped
            || (last.RetryAfter is { } pause && (pause > LongestPause || time.GetUtcNow() + pause >= request.Deadline)))
        {
            return null;
        }

        request.Repeated = true;
        return request.Attempts[^1].Entry;
    }

    private Task PauseAsync(RouteRequest request, CancellationToken cancellationToken) =>
        request.LastFailure?.RetryAfter is { } pause && pause > TimeSpan.Zero
            ? Task.Delay(pause, time, cancellationToken)
            : Task.CompletedTask;

    private void Skip(RouteRequest request, PlanEntry entry, HealthVerdict verdict)
    {
        FailureClass reason = entry.Credential.Secret is null ? FailureClass.Credential : verdict.Reason;
        string message = entry.Credential.Secret is null
            ? "Not tried: the stored key cannot be opened with any configured master key."
            : $"Not tried: the key is known to be of no use now ({FailureConsequences.Code(reason)}).";
        TimeSpan? wait = verdict.Until - time.GetUtcNow();
        request.Attempts.Add(new AttemptRecord(entry) { Skipped = true, Error = new AttemptError(reason, null, message, RetryAfter: wait) });
        Activity.Current?.AddEvent(new ActivityEvent(Tags.SkippedEvent, tags: new()
        {
            [Tags.CredentialFingerprint] = entry.Credential.Fingerprint,
            [Tags.FailureClass] = FailureConsequences.Code(reason),
        }));
    }

    private static List<FailedRoute> Failed(RouteRequest request) =>
        [.. request.Attempts.Where(attempt => attempt.Error is not null).Select(attempt =>
            new FailedRoute(attempt.Error!.Failure, attempt.Error.TimedOut, attempt.Error.RetryAfter, attempt.Skipped))];
}
