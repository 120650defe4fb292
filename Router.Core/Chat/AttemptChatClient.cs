using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Router.Core.Chat.State;
using Router.Core.Failures;
using Router.Core.Keys;
using Router.Core.Providers;
using Router.Core.Routing;
using Router.Core.Wire;

namespace Router.Core.Chat;

/// <summary>
/// One attempt: leases the key, sets the model, has the request prepared, and from there on keeps the time limits, holds a stream back
/// until its first content, writes the record, the span and the route's measurements. Made anew for each attempt and used once. What
/// cannot be prepared leaves here as an <see cref="UnsentException"/>, and is no attempt; whatever goes wrong after that as a
/// <see cref="ProviderException"/> or as the caller's cancellation.
/// </summary>
/// <param name="leaf">The client of the provider's dialect.</param>
/// <param name="rescue">Another route may serve should this one keep silent.</param>
public sealed class AttemptChatClient(IProviderLeaf leaf, PlanEntry entry, Secret secret, OpaqueState without, AttemptServices services, bool rescue = false) : DelegatingChatClient(leaf)
{
    private readonly TimeProvider _time = services.Time;

    public PlanEntry Entry { get; } = entry;

    /// <summary>The opaque state its request goes without.</summary>
    public OpaqueState Without { get; } = without;

    public override async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        RouterChatOptions leased = Lease(options, stream: false, cancellationToken);
        Attempt attempt = leased.Attempt!;
        using AttemptClock clock = attempt.Clock;
        PreparedRequest prepared = Prepare(messages, leased, stream: false);
        using AttemptSpan? span = AttemptSpan.Start(leased, attempt, stream: false);
        var measure = new RouteMeasure(services, attempt, leased.Request.Workspace.Id);
        TimeSpan preparing = clock.Elapsed;
        long started = _time.GetTimestamp();
        try
        {
            measure.Asks(started);
            ChatResponse response = await leaf.SendAsync(prepared, clock.Token).ConfigureAwait(false);
            measure.Answered(response);
            span?.Answered(response);
            attempt.Record.Success = true;
            (attempt.Record.Usage, attempt.Record.ResponseModel) = (response.Usage, attempt.Passed(response.ModelId));
            if (response.Usage is not { OutputTokenCount: not null })
            {
                attempt.Record.Characters = response.RawRepresentation is WireResponse wire ? wire.Characters : response.Messages.Sum(message => TokenEstimate.LengthOf(message.Contents));
            }

            // A JSON answer comes in one piece: its tokens start with its headers. Its clock ran while the request was made.
            attempt.Record.TimeToFirstToken = clock.Headers - preparing;
            return response;
        }
        catch (Exception e)
        {
            measure.Failed(e, leased.Request.Options.Fallback);
            span?.Failed(e);
            if (Failed(leased.Request, attempt, e, cancellationToken) is { } failure)
            {
                throw failure;
            }

            throw;
        }
        finally
        {
            attempt.Record.Duration = _time.GetElapsedTime(started);
            Settle(attempt.Record, messages, leased);
            span?.Ended(services.Costs);
        }
    }

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        RouterChatOptions leased = Lease(options, stream: true, cancellationToken);
        Attempt attempt = leased.Attempt!;
        using AttemptClock clock = attempt.Clock;
        PreparedRequest prepared = Prepare(messages, leased, stream: true);
        using AttemptSpan? span = AttemptSpan.Start(leased, attempt, stream: true);
        var measure = new RouteMeasure(services, attempt, leased.Request.Workspace.Id);
        using HeldUpdates holding = new(leased.Request, services.Limits.HeldBytes, services.Held);
        HeldUpdates? held = holding;
        long started = _time.GetTimestamp();
        bool begun = false;
        bool ended = false;
        await using IAsyncEnumerator<ChatResponseUpdate> updates = leaf.StreamAsync(prepared, clock.Token).GetAsyncEnumerator(clock.Token);
        try
        {
            while (true)
            {
                bool more;
                bool asking = true;
                ChatResponseUpdate? update = null;
                try
                {
                    measure.Asks();
                    if (begun)
                    {
                        clock.Progress();
                    }

                    more = await updates.MoveNextAsync().ConfigureAwait(false);
                    asking = false;
                    if (more)
                    {
                        update = updates.Current;
                        bool content = HeldUpdates.HasContent(update);
                        UsageDetails? usage = Usage(update);
                        measure.Got(content, usage?.OutputTokenCount);
                        begun |= content;
                        Note(attempt, update, content, usage, started);
                        span?.Note(update, content, usage);
                        if (held is not null && !held.Add(update))
                        {
                            continue;
                        }
                    }
                    else
                    {
                        measure.Streamed();
                    }
                }
                catch (Exception e)
                {
                    ended = true;
                    if (asking)
                    {
                        measure.Failed(e, leased.Request.Options.Fallback);
                    }

                    span?.Failed(e);
                    if (Failed(leased.Request, attempt, e, cancellationToken) is { } failure)
                    {
                        throw failure;
                    }

                    throw;
                }

                if (held is not null)
                {
                    attempt.Record.FirstUpdate = held.All.Count > 0 ? _time.GetElapsedTime(started) : null;
                    clock.Rest();
                    foreach (ChatResponseUpdate early in held.All)
                    {
                        span?.GoesOut();
                        yield return early;
                    }

                    held.Dispose();
                    held = null;
                }
                else if (update is not null)
                {
                    span?.GoesOut();
                    yield return update;
                }

                if (!more)
                {
                    attempt.Record.Success = true;
                    ended = true;
                    yield break;
                }
            }
        }
        finally
        {
            attempt.Record.Duration = _time.GetElapsedTime(started);
            Settle(attempt.Record, messages, leased);
            if (!ended)
            {
                Left(attempt, span);
            }

            span?.Ended(services.Costs);
        }
    }

    /// <summary>Nobody reads the stream any more: the caller left, or could not be told in time that the process is being stopped.</summary>
    private static void Left(Attempt attempt, AttemptSpan? span)
    {
        if (attempt.Clock.ShutDown)
        {
            attempt.Record.Error ??= Stopped;
            span?.Failed(new OperationCanceledException());
            return;
        }

        attempt.Record.Cancelled = true;
        span?.Cancelled();
    }

    /// <summary>Keeps what a receipt needs of a stream, of each update as it comes: what is held and never goes out was spoken all the same.</summary>
    private void Note(Attempt attempt, ChatResponseUpdate update, bool content, UsageDetails? usage, long started)
    {
        AttemptRecord record = attempt.Record;
        if (content)
        {
            record.TimeToFirstToken ??= _time.GetElapsedTime(started);
        }

        if (record.FirstModel is null && update.ModelId is { } model)
        {
            (record.FirstModel, record.ResponseModel) = (model, attempt.Passed(model));
        }

        if (record.TimeToFirstToken is not null)
        {
            record.Pieces++;
        }

        record.Characters += update.RawRepresentation is WireChunk chunk ? chunk.Characters : content ? TokenEstimate.LengthOf(update.Contents) : 0;
        record.Finished |= HeldUpdates.HasFinish(update);
        record.Usage = usage ?? record.Usage;
    }

    /// <summary>Once, when it has ended: how many tokens it used. What an estimate is made of may not be read later.</summary>
    private void Settle(AttemptRecord record, IEnumerable<ChatMessage> messages, RouterChatOptions options)
    {
        record.Tokens = AttemptTokens.Of(options.Request, record, messages, options);
        record.Meter = null;
        services.Costs?.Warn(options.Request, record);
    }

    /// <summary>A chunk's contents are made only where it brings usage.</summary>
    public static UsageDetails? Usage(ChatResponseUpdate update)
    {
        if (update.RawRepresentation is WireChunk { HasUsage: false })
        {
            return null;
        }

        IList<AIContent> contents = update.Contents;
        for (int i = contents.Count - 1; i >= 0; i--)
        {
            if (contents[i] is UsageContent usage)
            {
                return usage.Details;
            }
        }

        return null;
    }

    private RouterChatOptions Lease(ChatOptions? options, bool stream, CancellationToken cancellationToken)
    {
        if (services.Clocks.Ending.IsCancellationRequested)
        {
            throw new RouterException(RouterError.ShuttingDown());
        }

        var leased = (RouterChatOptions)options!.Clone();
        RouteRequest request = leased.Request;
        AttemptLimits own = services.LimitsOf(request, Entry, stream, rescue);
        var record = new AttemptRecord(Entry) { StartedAt = _time.GetUtcNow() };
        leased.ModelId = Entry.Model;
        leased.Attempt = new Attempt(Entry, request.UpstreamRequests + 1, secret, record, services.Clocks.Begin(own, request.Deadline, stream, cancellationToken))
        {
            Before = request.Attempts,
            Stored = services.Keys is { } keys ? (keys, request) : null,
        };
        leased.Attempt.Clock.Serves = leased;
        return leased;
    }

    /// <summary>Has the leaf make the request. The attempt is one, and listed, from here on and no sooner.</summary>
    /// <exception cref="UnsentException">It cannot be made; nothing of the try is left behind.</exception>
    private PreparedRequest Prepare(IEnumerable<ChatMessage> messages, RouterChatOptions leased, bool stream)
    {
        RouteRequest request = leased.Request;
        int warned = request.Warnings.Count;
        try
        {
            PreparedRequest prepared = leaf.Prepare(OpaqueStateRemover.Without(messages, Without), leased, stream);
            request.Attempts.Add(leased.Attempt!.Record);
            SimulationWarning.Add(request, Entry.Provider);
            return prepared;
        }
        catch (Exception e) when (e is RouterException or ProviderException)
        {
            // What would have been lost is not, as nothing goes out.
            request.Warnings.Rewind(warned);
            throw e is RouterException refusal ? UnsentException.Of(Entry, refusal) : UnsentException.Of(Entry, (ProviderException)e);
        }
    }

    /// <summary>Notes the failure. Null when the exception must go on as it is: the caller left, or it is a fault of ours. A process that is being stopped is told to the caller as it is.</summary>
    private static Exception? Failed(RouteRequest request, Attempt attempt, Exception error, CancellationToken caller)
    {
        AttemptRecord record = attempt.Record;
        if (error is OperationCanceledException && attempt.Clock.ShutDown)
        {
            // It ran until then: a caller that has left since, as its connection was reset, did not end it.
            if (!record.Begun && attempt.Clock.Headers is null)
            {
                request.Attempts.Remove(record);
            }

            record.Error = Stopped;
            return caller.IsCancellationRequested ? null : new RouterException(RouterError.ShuttingDown(), error);
        }

        if (error is ProviderException { Usage: { } counted })
        {
            (record.Usage, record.Finished) = (counted, true);
        }

        if (error is OperationCanceledException && caller.IsCancellationRequested)
        {
            record.Cancelled = true;
            if (!record.Begun && attempt.Clock.Headers is null)
            {
                // The caller left before a byte was sent: no upstream request, so no attempt.
                request.Attempts.Remove(record);
            }

            return null;
        }

        if (!record.Begun && attempt.Clock.Headers is null && error is (UnsentException or RouterException))
        {
            // What was prepared may not be sent any more.
            request.Attempts.Remove(record);
            return null;
        }

        if (error is RouterException)
        {
            record.Error = new AttemptError(FailureClass.Unknown, null, error.Message);
            return null;
        }

        ProviderException? failure = error switch
        {
            ProviderException known => known,
            OperationCanceledException when attempt.Clock.Expired => attempt.Clock.TimeoutException(error),
            // Neither we nor the caller gave up: the transport did, which it does when a connection takes too long.
            OperationCanceledException => new ProviderException(FailureClass.Transient, "The provider could not be reached in time.", error) { TimedOut = true },
            HttpRequestException or IOException or InvalidDataException => Network(error),
            JsonException => new ProviderException(FailureClass.Transient, "The provider's answer is not valid JSON."),
            _ => null,
        };
        record.Error = failure is null
            ? new AttemptError(FailureClass.Unknown, null, "The router failed to process the answer.")
            : new AttemptError(failure.Failure, failure.Status, failure.Message, failure.TimedOut, failure.RetryAfter) { InAnswer = failure.InAnswer };
        if (failure?.UpstreamError is { } words)
        {
            failure.UpstreamError = UpstreamErrorGate.Pass(words, KeysAtHand(request, attempt), record.UpstreamRequestId);
        }

        return failure;
    }

    private static AttemptError Stopped { get; } = new(FailureClass.ShuttingDown, null, "The router was stopped before the answer was complete.");

    /// <summary>The keys of the plan, the workspace's and the operator's: a provider may remember what it was sent before.</summary>
    private static Secret?[] KeysAtHand(RouteRequest request, Attempt attempt) =>
    [
        .. (request.Plan?.Entries ?? []).SelectMany(entry => (Secret?[])[entry.Credential.Secret, entry.Provider.SystemCredential?.Secret])
            .Concat(request.Workspace.ProviderKeys.Values.Select(key => key.Secret))
            .Concat(request.Attempts.Select(made => made.Key))
            .Append(attempt.Secret).Append(attempt.Entry.Provider.SystemCredential?.Secret).Distinct(),
    ];

    /// <summary>The transport's own words may quote what came over the wire; they are left behind.</summary>
    private static ProviderException Network(Exception error) => error switch
    {
        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError } =>
            new(FailureClass.Transient, "The provider could not be reached."),
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } =>
            new(FailureClass.Transient, "No secure connection to the provider could be made."),
        InvalidDataException => new(FailureClass.Transient, "The provider sent more than is allowed in one piece."),
        _ => new(FailureClass.Transient, "The connection to the provider broke before the answer was complete."),
    };
}
