using System.Collections.Immutable;
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
    private readonly AttemptServices _services = new(limits.Attempt, time, statistics, costs, breakers) { Keys = keys, Clocks = clocks ?? new(time) };

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
                Unsent(request, attempt.Entry, unsent);
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
                        Unsent(request, attempt.Entry, unsent);
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
        if (request.Attempts.Count > 0 && HasBudget(request) && WasDisowned(request, messages) && Attempt(request, request.Attempts[^1].Entry, messages) is { } anew)
        {
            return anew;
        }

        if (request.Renewed is { } renewed)
        {
            request.Renewed = null;
            if (HasBudget(request) && Attempt(request, renewed, messages) is { } replaced)
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
        while (HasBudget(request) && Next(request) is { } entry)
        {
            HealthVerdict verdict = health.Check(entry.Credential.Id, entry.Model);
            if (!verdict.Usable || entry.Credential.Secret is null)
            {
                Skip(request, entry, verdict);
            }
            else if ((_services.Breakers?.TryEnter(entry, request.Workspace.Id) != false || !LastSteps.Postpone(request, entry)) && Attempt(request, entry, messages) is { } attempt)
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

        if (Refusal(request) is { } refusal)
        {
            throw refusal;
        }

        throw new RouterException(Verdict.Of(Failed(request), request.LastFailure, DeadlinePassed(request) ? request.Options.Fallback.Deadline : null, request.TooLong, Said(request)), request.LastFailure);
    }

    /// <summary>What the provider said of a model, of the one route that was tried, with the workspace's own key: what it says of the operator's stays here.</summary>
    private static string? Said(RouteRequest request) =>
        request is { LastFailure: { Failure: FailureClass.ModelAccess, UpstreamError: { } error }, UpstreamRequests: 1 }
        && request.Attempts.TrueForAll(attempt => attempt.Skipped || attempt.Entry.Credential.Type == CredentialType.Byok) ? error.Message : null;

    /// <summary>To a caller that has left nothing failed, whatever became of the attempt.</summary>
    private static bool Left(Exception error, CancellationToken cancellationToken) => error is not OperationCanceledException && cancellationToken.IsCancellationRequested;

    private void Failed(RouteRequest request, PlanEntry entry, ProviderException failure, IEnumerable<ChatMessage> messages, bool isTerminal)
    {
        failure = OwnFault(request, failure, messages);
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

    /// <summary>The next entry the last outcome allows; null when the plan has none.</summary>
    private static PlanEntry? Next(RouteRequest request)
    {
        var entries = request.Plan!.Entries;
        int from = request.Position;
        // The outcome of the entry the walk stands at: a last resort may have been tried elsewhere since.
        FailureClass reason = from < 0 ? FailureClass.Unknown : LastOutcome(request, entries[from]);
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

    private static FailureClass LastOutcome(RouteRequest request, PlanEntry entry) =>
        request.Attempts.FindLast(attempt => ReferenceEquals(attempt.Entry, entry))?.Error?.Failure ?? FailureClass.Unknown;

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

    /// <summary>Null when the key may not serve any more, or the conversation's opaque state keeps it from serving; that is noted.</summary>
    private AttemptChatClient? Attempt(RouteRequest request, PlanEntry planned, IEnumerable<ChatMessage> messages)
    {
        PlanEntry entry = planned;
        if (keys?.Refuse(request, ref entry) is { } gone)
        {
            Skip(request, UnsentException.Of(entry, gone));
            return null;
        }

        // The health that was looked at was the replaced key's.
        if (!ReferenceEquals(entry, planned) && (entry.Credential.Secret is null || !health.Check(entry.Credential.Id, entry.Model).Usable))
        {
            Skip(request, entry, health.Check(entry.Credential.Id, entry.Model));
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
            string warning = $"{OpaqueStates.Members(affinity.Without)} of earlier answers belong to another key and are left out for {entry.QualifiedModel}.";
            if (!request.Warnings.Contains(warning))
            {
                request.Warnings.Add(warning);
            }
        }

        return new AttemptChatClient(clients.For(entry.Provider), entry, entry.Credential.Secret!, affinity.Without, _services, HasRescue(request));
    }

    /// <summary>Whether a route that keeps silent may be given up for another: one is left in the plan, with a key that is of use.</summary>
    private bool HasRescue(RouteRequest request)
    {
        ImmutableArray<PlanEntry> entries = request.Plan!.Entries;
        int position = Math.Max(request.Position, 0);
        for (int i = position + 1; i < entries.Length; i++)
        {
            bool follows = entries[i].Step == entries[position].Step
                ? FailureConsequences.MayCrossToSystem(FailureClass.Transient, request.Workspace.Policy)
                : FailureConsequences.MayTryNextModel(FailureClass.Transient);
            if (follows && entries[i].Credential.Secret is not null && health.Check(entries[i].Credential.Id, entries[i].Model).Usable)
            {
                return AttemptsLeft(request) > 1;
            }
        }

        return false;
    }

    /// <summary>A provider refused the state as not its own: the key was not the issuer after all.</summary>
    private static bool WasDisowned(RouteRequest request, IEnumerable<ChatMessage> messages)
    {
        if (request is not { Attempts: [.., { Skipped: false, Error.Failure: FailureClass.Affinity } last] })
        {
            return false;
        }

        OpaqueState refused = CredentialAffinity.Found(request, messages) & OpaqueStates.CarriedBy(last.Entry.Provider.Definition.Dialect) & ~request.Disowned;
        request.Disowned |= refused;
        return refused != OpaqueState.None;
    }

    /// <summary>A complaint about state that is not there can only be about what the caller wrote.</summary>
    private static ProviderException OwnFault(RouteRequest request, ProviderException failure, IEnumerable<ChatMessage> messages)
    {
        if (failure.Failure != FailureClass.Affinity || CredentialAffinity.Found(request, messages) != OpaqueState.None)
        {
            return failure;
        }

        request.Attempts[^1].Error = request.Attempts[^1].Error! with { Failure = FailureClass.CallerFault };
        return new ProviderException(FailureClass.CallerFault, failure.Message, failure) { Status = failure.Status, UpstreamRequestId = failure.UpstreamRequestId, UpstreamError = failure.UpstreamError };
    }

    /// <summary>Nothing was sent. Where the key was replaced while its request was made, once the new one takes its place.</summary>
    private static void Unsent(RouteRequest request, PlanEntry tried, UnsentException unsent)
    {
        if (ReferenceEquals(tried, unsent.Entry) || request.WasRenewed)
        {
            Skip(request, unsent);
            return;
        }

        (request.Renewed, request.WasRenewed) = (unsent.Entry, true);
    }

    /// <summary>No request could be made for the entry: it is not tried, and nobody's health or speed has to do with it.</summary>
    private static void Skip(RouteRequest request, UnsentException unsent)
    {
        request.Attempts.Add(new AttemptRecord(unsent.Entry)
        {
            Skipped = true,
            Error = new AttemptError(unsent.Failure, null, $"Not tried: {unsent.Message}") { KeyGone = unsent.KeyGone },
            Refusal = unsent.Told,
        });
        FallbackTelemetry.Skipped(unsent.Entry, unsent.Failure);
    }

    /// <summary>What the first entry was refused for, where no entry was left out or failed for anything else.</summary>
    private static RouterException? Refusal(RouteRequest request) =>
        request.Attempts is [{ Refusal: { } told }, ..] && request.Attempts.TrueForAll(attempt => attempt.Refusal is not null) ? new RouterException(told) : null;

    private void Skip(RouteRequest request, PlanEntry entry, HealthVerdict verdict)
    {
        FailureClass reason = entry.Credential.Secret is null ? FailureClass.Credential : verdict.Reason;
        string message = entry.Credential.Secret is null
            ? "Not tried: the stored key cannot be opened with any configured master key."
            : $"Not tried: the key is known to be of no use now ({FailureConsequences.Code(reason)}).";
        TimeSpan? wait = verdict.Until - time.GetUtcNow();
        request.Attempts.Add(new AttemptRecord(entry) { Skipped = true, Error = new AttemptError(reason, null, message, RetryAfter: wait), RetryAt = verdict.Until });
        FallbackTelemetry.Skipped(entry, reason);
    }

    /// <summary>The routes that did not serve, each as it was seen last.</summary>
    private List<FailedRoute> Failed(RouteRequest request) =>
        [.. request.Attempts.Where(attempt => attempt.Error is { Failure: not FailureClass.Unsupported }).GroupBy(attempt => attempt.Entry, (_, tries) =>
        {
            List<AttemptRecord> made = [.. tries];
            return new FailedRoute(made[^1].Error!.Failure, made.TrueForAll(attempt => attempt.Skipped || attempt.Error!.TimedOut), Remaining(made[^1]), made[^1].Skipped, made[^1].Error!.KeyGone);
        })];

    /// <summary>What is left of the pause a route asked for.</summary>
    private TimeSpan? Remaining(AttemptRecord attempt) =>
        attempt.RetryAt is not { } at ? null
        : at - time.GetUtcNow() is { } left && left > TimeSpan.Zero ? left
        : TimeSpan.Zero;
}
