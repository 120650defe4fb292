using System.Diagnostics;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Router.Core.Chat.State;
using Router.Core.Failures;
using Router.Core.Health;
using Router.Core.Providers;
using Router.Core.Routing;

namespace Router.Core.Chat;

/// <summary>
/// Walks the plan: one client per attempt, the next only if the failure's class allows it. A stream is committed to an attempt once
/// that gave its first update; the attempt stage gives none before first content.
/// </summary>
public sealed class FallbackChatClient(
    IProviderClients clients, ICredentialHealth health, ChatLimits limits, TimeProvider time, IRouteStatistics? statistics = null, AttemptCosts? costs = null, CurrentKeys? keys = null, RouteBreakers? breakers = null, AttemptClocks? clocks = null) : IChatClient
{
    private static readonly TimeSpan LeastTime = TimeSpan.FromMilliseconds(10);

    private readonly ChatClientMetadata _metadata = new("router");
    private readonly AttemptServices _services = new(limits.Attempt, time, statistics, costs, breakers) { Keys = keys, Clocks = clocks ?? new(time), Held = new(limits.HeldInAll > 0 ? limits.HeldInAll : HeldMemory.Usual) };

    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        RouteRequest request = RequestOf(options);
        request.Stream = false;
        while (true)
        {
            AttemptChatClient attempt = await NextAsync(request, messages, cancellationToken).ConfigureAwait(false);
            try
            {
                ChatResponse response = await attempt.GetResponseAsync(messages, options, cancellationToken).ConfigureAwait(false);
                health.ReportSuccess(attempt.Entry.Credential.Id, attempt.Entry.Model, request.Attempts[^1].StartedAt);
                return response;
            }
            catch (UnsentException unsent)
            {
                SkippedEntries.Unsent(request, attempt.Entry, unsent);
            }
            catch (ProviderException failure)
            {
                Failed(request, attempt.Entry, failure, messages, isTerminal: cancellationToken.IsCancellationRequested);
                cancellationToken.ThrowIfCancellationRequested();
            }
            catch (Exception e) when (Left(e, cancellationToken))
            {
                throw new OperationCanceledException(null, e, cancellationToken);
            }
        }
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        RouteRequest request = RequestOf(options);
        request.Stream = true;
        while (true)
        {
            AttemptChatClient attempt = await NextAsync(request, messages, cancellationToken).ConfigureAwait(false);
            bool failed = false;
            await using (IAsyncEnumerator<ChatResponseUpdate> updates = attempt.GetStreamingResponseAsync(messages, options, cancellationToken).GetAsyncEnumerator(cancellationToken))
            {
                bool committed = false;
                while (true)
                {
                    try
                    {
                        if (!await updates.MoveNextAsync().ConfigureAwait(false))
                        {
                            break;
                        }
                    }
                    catch (UnsentException unsent)
                    {
                        SkippedEntries.Unsent(request, attempt.Entry, unsent);
                        failed = true;
                        break;
                    }
                    catch (ProviderException failure)
                    {
                        Failed(request, attempt.Entry, failure, messages, isTerminal: committed || cancellationToken.IsCancellationRequested);
                        cancellationToken.ThrowIfCancellationRequested();
                        if (committed)
                        {
                            throw;
                        }

                        failed = true;
                        break;
                    }
                    catch (Exception e) when (Left(e, cancellationToken))
                    {
                        throw new OperationCanceledException(null, e, cancellationToken);
                    }

                    committed = true;
                    yield return updates.Current;
                }
            }

            if (!failed)
            {
                health.ReportSuccess(attempt.Entry.Credential.Id, attempt.Entry.Model, request.Attempts[^1].StartedAt);
                yield break;
            }
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is not null ? null
        : serviceType == typeof(ChatClientMetadata) ? _metadata
        : serviceType.IsInstanceOfType(this) ? this
        : null;

    /// <summary>The clients belong to whoever made them.</summary>
    public void Dispose()
    {
    }

    /// <summary>The next attempt the plan and the last outcome allow.</summary>
    /// <exception cref="RouterException">None: what the caller is told then.</exception>
    private async ValueTask<AttemptChatClient> NextAsync(RouteRequest request, IEnumerable<ChatMessage> messages, CancellationToken cancellationToken)
    {
        if (request.Attempts.Count > 0 && HasBudget(request) && DisownedState.Was(request, messages) && Attempt(request, request.Attempts[^1].Entry, messages) is { } anew)
        {
            return anew;
        }

        if (request.Renewed is { } renewed)
        {
            request.Renewed = null;
            if (HasBudget(request) && IsOfUse(request, renewed) && Attempt(request, renewed, messages) is { } replaced)
            {
                return replaced;
            }
        }

        if (EarlyRepeat.Find(request, health, _services.Breakers, time.GetUtcNow(), AttemptsLeft(request), limits.LongestWait) is { } early)
        {
            request.RepeatedEarly = early.Entry;
            await PauseAsync(request, early, cancellationToken).ConfigureAwait(false);
            if (HasBudget(request) && health.Check(early.Entry.Credential.Id, early.Entry.Model).Usable && Attempt(request, early.Entry, messages) is { } once)
            {
                request.RepeatedEarly = once.Entry;
                return once;
            }
        }

        LongerContext.Prefer(request);
        while (HasBudget(request) && PlanWalk.Next(request) is { } entry)
        {
            if (IsOfUse(request, entry) && (_services.Breakers?.TryEnter(entry, request.Workspace.Id) != false || !LastSteps.Postpone(request, entry)) && Attempt(request, entry, messages) is { } attempt)
            {
                return attempt;
            }
        }

        while (HasBudget(request) && LastResort.Find(request, health, time.GetUtcNow(), LatestStart(request)) is { } resort)
        {
            await WaitAsync(request, resort, cancellationToken).ConfigureAwait(false);
            if (Attempt(request, resort.Entry, messages) is { } attempt)
            {
                return attempt;
            }
        }

        // Whoever left while the plan was walked is told nothing of its end.
        cancellationToken.ThrowIfCancellationRequested();
        throw ChainEnd.Of(request, DeadlinePassed(request), time.GetUtcNow());
    }

    /// <summary>To a caller that has left nothing failed, whatever became of the attempt.</summary>
    private static bool Left(Exception error, CancellationToken cancellationToken) => error is not OperationCanceledException && cancellationToken.IsCancellationRequested;

    private void Failed(RouteRequest request, PlanEntry entry, ProviderException failure, IEnumerable<ChatMessage> messages, bool isTerminal)
    {
        failure = DisownedState.OwnFault(request, failure, messages);
        request.LastFailure = failure;
        FallbackTelemetry.Failed(entry, request.Attempts[^1], isTerminal);
        if (failure.Failure == FailureClass.ContextLength)
        {
            request.TooLong ??= failure;
        }

        bool shared = entry.Credential.Type == CredentialType.System;
        TimeSpan? asked = failure.RetryAfter ?? (shared ? null : failure.RetryAfterInWords);
        bool ofKey = FailureConsequences.OnKey(failure.Failure) != KeyEffect.None && !failure.OfRequest;
        if (ofKey && !(shared && failure.ByWording) && health.ReportFailure(entry.Credential.Id, entry.Model, failure.Failure, asked, Activity.Current?.Id) is { } change)
        {
            FallbackTelemetry.Cooled(entry, change);
        }

        // Where the key cools, when that really ends; else what the provider asked for, if anything.
        request.Attempts[^1].RetryAt = ofKey && health.Check(entry.Credential.Id, entry.Model) is { Usable: false, Until: { } until } ? until
            : asked > TimeSpan.Zero ? time.GetUtcNow() + asked
            : null;
    }

    private static RouteRequest RequestOf(ChatOptions? options) =>
        options is RouterChatOptions { Request: { } request }
            ? request
            : throw new InvalidOperationException("The fallback stage needs a plan; put the planning stage before it.");

    private bool HasBudget(RouteRequest request) => !DeadlinePassed(request) && AttemptsLeft(request) > 0;

    private int AttemptsLeft(RouteRequest request) => (request.Options.Fallback.MaxAttempts ?? limits.MostAttempts) - request.UpstreamRequests;

    /// <summary>What is left must be enough for a call to come to anything.</summary>
    private bool DeadlinePassed(RouteRequest request) => time.GetUtcNow() + LeastTime >= request.Deadline;

    /// <summary>The last moment at which a call may begin after a wait.</summary>
    private DateTimeOffset LatestStart(RouteRequest request)
    {
        DateTimeOffset patience = time.GetUtcNow() + limits.LongestWait;
        DateTimeOffset deadline = request.Deadline - LeastTime;
        return patience < deadline ? patience : deadline;
    }

    private Task WaitAsync(RouteRequest request, LastResort resort, CancellationToken cancellationToken)
    {
        request.Repeated |= resort.Reason == FailureClass.Transient;
        request.Waited |= resort.Reason == FailureClass.RateLimit;
        return PauseAsync(request, resort, cancellationToken);
    }

    private async Task PauseAsync(RouteRequest request, LastResort resort, CancellationToken cancellationToken)
    {
        TimeSpan pause = resort.At - time.GetUtcNow();
        PlanEntry entry = resort.Entry;
        // Nothing is waited for on behalf of a key that is gone already.
        if (pause <= TimeSpan.Zero || keys?.Refuse(request, ref entry) is not null)
        {
            return;
        }

        FallbackTelemetry.Waits(resort.Entry, resort.Reason, pause);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _services.Clocks.Ending);
        try
        {
            await Task.Delay(pause, time, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new RouterException(RouterError.ShuttingDown());
        }
    }

    /// <summary>Whether the entry's key is worth a call by what is known of it; else it is noted as skipped.</summary>
    private bool IsOfUse(RouteRequest request, PlanEntry entry)
    {
        HealthVerdict verdict = health.Check(entry.Credential.Id, entry.Model);
        if (verdict.Usable && entry.Credential.Secret is not null)
        {
            return true;
        }

        SkippedEntries.Add(request, entry, verdict, time.GetUtcNow());
        return false;
    }

    /// <summary>Null when the key may not serve any more, or the conversation's opaque state keeps it from serving; that is noted.</summary>
    private AttemptChatClient? Attempt(RouteRequest request, PlanEntry planned, IEnumerable<ChatMessage> messages)
    {
        PlanEntry entry = planned;
        if (keys?.Refuse(request, ref entry) is { } gone)
        {
            SkippedEntries.Add(request, UnsentException.Of(entry, gone));
            return null;
        }

        // The health that was looked at was the replaced key's.
        if (!ReferenceEquals(entry, planned) && !IsOfUse(request, entry))
        {
            return null;
        }

        CredentialAffinity affinity = CredentialAffinity.Judge(request, entry, messages);
        if (affinity.Refused)
        {
            request.Attempts.Add(new AttemptRecord(entry)
            {
                Skipped = true,
                Error = new AttemptError(FailureClass.Affinity, null, $"Not tried: the conversation holds {OpaqueStates.Members(affinity.Without)} issued to another key."),
            });
            return null;
        }

        if (affinity.Without != OpaqueState.None)
        {
            request.Warnings.Add($"{OpaqueStates.Members(affinity.Without)} of earlier answers belong to another key and are left out for {entry.QualifiedModel}.");
        }

        return new AttemptChatClient(clients.For(entry.Provider), entry, entry.Credential.Secret!, affinity.Without, _services, AttemptsLeft(request) > 1 && PlanWalk.HasRescue(request, health));
    }
}
