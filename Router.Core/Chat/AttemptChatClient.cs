using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Router.Core.Chat.State;
using Router.Core.Failures;
using Router.Core.Keys;
using Router.Core.Routing;
using Router.Core.Wire;

namespace Router.Core.Chat;

/// <summary>
/// One attempt: leases the key, sets the model, keeps the time limits, writes the record. Made anew for each attempt and
/// used once. Whatever goes wrong below leaves here as a <see cref="ProviderException"/> or as the caller's cancellation.
/// </summary>
public sealed class AttemptChatClient(IChatClient pipeline, PlanEntry entry, Secret secret, OpaqueState without, AttemptLimits limits, TimeProvider time) : DelegatingChatClient(pipeline)
{
    public PlanEntry Entry { get; } = entry;

    /// <summary>The opaque state its request goes without.</summary>
    public OpaqueState Without { get; } = without;

    public override async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        RouterChatOptions leased = Lease(options, cancellationToken);
        Attempt attempt = leased.Attempt!;
        using AttemptClock clock = attempt.Clock;
        long started = time.GetTimestamp();
        try
        {
            ChatResponse response = await base.GetResponseAsync(OpaqueStateRemover.Without(messages, Without), leased, clock.Token).ConfigureAwait(false);
            attempt.Record.Success = true;
            (attempt.Record.Usage, attempt.Record.ResponseModel) = (response.Usage, response.ModelId);
            // A JSON answer comes in one piece: its tokens start with its headers.
            attempt.Record.TimeToFirstToken = clock.Headers;
            return response;
        }
        catch (Exception e) when (Failed(leased.Request, attempt, e, cancellationToken) is { } failure)
        {
            throw failure;
        }
        finally
        {
            attempt.Record.Duration = time.GetElapsedTime(started);
        }
    }

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        RouterChatOptions leased = Lease(options, cancellationToken);
        Attempt attempt = leased.Attempt!;
        using AttemptClock clock = attempt.Clock;
        long started = time.GetTimestamp();
        await using IAsyncEnumerator<ChatResponseUpdate> updates = base.GetStreamingResponseAsync(OpaqueStateRemover.Without(messages, Without), leased, clock.Token).GetAsyncEnumerator(clock.Token);
        bool ended = false;
        try
        {
            while (true)
            {
                try
                {
                    if (!await updates.MoveNextAsync().ConfigureAwait(false))
                    {
                        attempt.Record.Success = true;
                        ended = true;
                        yield break;
                    }
                }
                catch (Exception e)
                {
                    ended = true;
                    if (Failed(leased.Request, attempt, e, cancellationToken) is { } failure)
                    {
                        throw failure;
                    }

                    throw;
                }

                attempt.Record.FirstUpdate ??= time.GetElapsedTime(started);
                if (attempt.Record.TimeToFirstToken is null && FirstContentChatClient.HasContent(updates.Current))
                {
                    attempt.Record.TimeToFirstToken = attempt.Record.FirstUpdate;
                }

                Note(attempt.Record, updates.Current);
                yield return updates.Current;
            }
        }
        finally
        {
            attempt.Record.Cancelled |= !ended;
            attempt.Record.Duration = time.GetElapsedTime(started);
        }
    }

    /// <summary>Keeps what a receipt needs of a stream; a chunk's contents are made only where it brings usage.</summary>
    private static void Note(AttemptRecord record, ChatResponseUpdate update)
    {
        record.ResponseModel ??= update.ModelId;
        if (record.TimeToFirstToken is not null)
        {
            record.Pieces++;
        }

        if (update.RawRepresentation is not WireChunk { HasUsage: false })
        {
            record.Usage = update.Contents.OfType<UsageContent>().LastOrDefault()?.Details ?? record.Usage;
        }
    }

    private RouterChatOptions Lease(ChatOptions? options, CancellationToken cancellationToken)
    {
        var leased = (RouterChatOptions)options!.Clone();
        RouteRequest request = leased.Request;
        AttemptLimits own = request.Options.Fallback.TtftTimeout is { } ttft ? limits with { FirstToken = ttft } : limits;
        var record = new AttemptRecord(Entry) { StartedAt = time.GetUtcNow() };
        request.Attempts.Add(record);
        leased.ModelId = Entry.Model;
        leased.Attempt = new Attempt(Entry, request.UpstreamRequests, secret, record, new AttemptClock(own, request.Deadline, time, cancellationToken)) { HeldBytes = limits.HeldBytes };
        return leased;
    }

    /// <summary>Notes the failure. Null when the exception must go on as it is: the caller left, or it is a fault of ours.</summary>
    private static ProviderException? Failed(RouteRequest request, Attempt attempt, Exception error, CancellationToken caller)
    {
        AttemptRecord record = attempt.Record;
        if (error is OperationCanceledException && caller.IsCancellationRequested)
        {
            record.Cancelled = true;
            if (!record.Sent && attempt.Clock.Headers is null)
            {
                // The caller left before the provider was asked: no upstream request, so no attempt.
                request.Attempts.Remove(record);
            }

            return null;
        }

        if (error is RouterException)
        {
            if (attempt.Clock.Headers is null)
            {
                // Refused before anything was sent: no upstream request, so no attempt.
                request.Attempts.Remove(record);
            }
            else
            {
                record.Error = new AttemptError(FailureClass.Unknown, null, error.Message);
            }

            return null;
        }

        ProviderException? failure = error switch
        {
            ProviderException known => known,
            OperationCanceledException when attempt.Clock.Expired => attempt.Clock.TimeoutException(error),
            // Neither we nor the caller gave up: the transport did, which it does when a connection takes too long.
            OperationCanceledException => new ProviderException(FailureClass.Transient, "The provider could not be reached in time.", error) { TimedOut = true },
            HttpRequestException or IOException or InvalidDataException => Network(error),
            JsonException => new ProviderException(FailureClass.Transient, "The provider's answer is not valid JSON.", error),
            _ => null,
        };
        record.Error = failure is null
            ? new AttemptError(FailureClass.Unknown, null, "The router failed to process the answer.")
            : new AttemptError(failure.Failure, failure.Status, failure.Message, failure.TimedOut, failure.RetryAfter);
        record.UpstreamRequestId ??= failure?.UpstreamRequestId;
        return failure;
    }

    private static ProviderException Network(Exception error) => error switch
    {
        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError } =>
            new(FailureClass.Transient, "The provider could not be reached.", error),
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } =>
            new(FailureClass.Transient, "No secure connection to the provider could be made.", error),
        InvalidDataException => new(FailureClass.Transient, "The provider sent more than is allowed in one piece.", error),
        _ => new(FailureClass.Transient, "The connection to the provider broke before the answer was complete.", error),
    };
}
