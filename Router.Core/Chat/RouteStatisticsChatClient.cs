using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Router.Core.Failures;
using Router.Core.Health;
using Router.Core.Routing;
using Router.Core.Wire;

namespace Router.Core.Chat;

/// <summary>
/// Measures finished attempts for the route's statistics: time to first token (streams only: a JSON answer does not tell),
/// output tokens per second, failures that are the provider's own. Stands below the stage that holds a stream back, and
/// counts only the time the provider takes, never the time a slow caller takes to read.
/// </summary>
public sealed class RouteStatisticsChatClient(IChatClient inner, IRouteStatistics statistics, TimeProvider time) : DelegatingChatClient(inner)
{
    public override async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        long started = time.GetTimestamp();
        try
        {
            ChatResponse response = await base.GetResponseAsync(messages, options, cancellationToken).ConfigureAwait(false);
            Record(options, RouteSample.Success(null, response.Usage?.OutputTokenCount, time.GetElapsedTime(started)));
            return response;
        }
        catch (Exception e) when (IsProvidersOwn(e, options))
        {
            Record(options, RouteSample.Failure);
            throw;
        }
    }

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        TimeSpan waited = TimeSpan.Zero;
        TimeSpan? firstToken = null;
        long? tokens = null;
        await using IAsyncEnumerator<ChatResponseUpdate> updates = base.GetStreamingResponseAsync(messages, options, cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            long asked = time.GetTimestamp();
            try
            {
                if (!await updates.MoveNextAsync().ConfigureAwait(false))
                {
                    break;
                }
            }
            catch (Exception e) when (IsProvidersOwn(e, options))
            {
                Record(options, RouteSample.Failure);
                throw;
            }

            waited += time.GetElapsedTime(asked);
            ChatResponseUpdate update = updates.Current;
            firstToken ??= FirstContentChatClient.HasContent(update) ? waited : null;
            if (update.RawRepresentation is not WireChunk { HasUsage: false })
            {
                tokens = update.Contents.OfType<UsageContent>().LastOrDefault()?.Details.OutputTokenCount ?? tokens;
            }

            yield return update;
        }

        Record(options, RouteSample.Success(firstToken, tokens, waited));
    }

    private void Record(ChatOptions? options, RouteSample sample)
    {
        if (options is RouterChatOptions { Attempt.Entry: { } entry })
        {
            statistics.Record(entry.QualifiedModel, sample);
        }
    }

    /// <summary>
    /// Statistics are shared by all tenants, so what a tenant can bring about does not count: its cancellation, its own time
    /// limits, what its own key may not use.
    /// </summary>
    private static bool IsProvidersOwn(Exception error, ChatOptions? options)
    {
        if (options is not RouterChatOptions { Attempt: { } attempt, Request.Options.Fallback: var limits })
        {
            return false;
        }

        return error switch
        {
            OperationCanceledException => attempt.Clock.Expired && limits is { TtftTimeout: null, Deadline: null },
            ProviderException failure => failure.Failure switch
            {
                // A tenant's key may name the host that is called; one that is not there says nothing of the provider.
                FailureClass.Transient => attempt.Clock.Headers is not null || attempt.Entry.Credential.Type == CredentialType.System,
                FailureClass.ModelAccess or FailureClass.RegionBlocked => attempt.Entry.Credential.Type == CredentialType.System,
                _ => false,
            },
            HttpRequestException or IOException => attempt.Clock.Headers is not null || attempt.Entry.Credential.Type == CredentialType.System,
            InvalidDataException or JsonException => true,
            _ => false,
        };
    }
}
