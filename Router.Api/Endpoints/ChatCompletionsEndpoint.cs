using Microsoft.Extensions.AI;
using Router.Api.Auth;
using Router.Api.Dialects;
using Router.Api.Dialects.OpenAI;
using Router.Core.Chat;
using Router.Core.Failures;
using Router.Core.Keys;
using Router.Core.Limits;

namespace Router.Api.Endpoints;

/// <summary>POST /v1/chat/completions.</summary>
public static class ChatCompletionsEndpoint
{
    public static IEndpointRouteBuilder MapChatCompletions(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost("/v1/chat/completions", CompleteAsync);
        return endpoints;
    }

    private static async Task CompleteAsync(HttpContext context, ISnapshotSource snapshots, ChatRequestReader reader, RequestBody bodies, RateLimiter limiter, IChatClient router, TimeProvider time)
    {
        RouterHeaders.Start(context);
        RouteRequest? route = null;
        ChatRequest? request = null;
        TokenTally? tally = null;
        try
        {
            (Workspace workspace, RouterKey key) = RouterCaller.AuthenticateKey(context, snapshots.Current);
            LimitDecision decision = await limiter.AdmitAsync(workspace, key, context.RequestAborted);
            LimitHeaders.Keep(context, decision);
            if (decision.RefusedBy is { } refusal)
            {
                throw new RouterException(LimitHeaders.Error(refusal));
            }

            tally = TokenTally.For(limiter, workspace, key);
            ReadOnlyMemory<byte> body = await bodies.ReadAsync(context);
            request = reader.Read(body, workspace);
            route = request.Options.Request;
            if (request.Stream)
            {
                IAsyncEnumerable<ChatResponseUpdate> updates = router.GetStreamingResponseAsync(request.Messages, request.Options, context.RequestAborted);
                await new AnswerStreamWriter(context, route, request.IncludeUsage, time)
                    .WriteAsync(tally?.NoteAsync(updates, context.RequestAborted) ?? updates, context.RequestAborted);
            }
            else
            {
                ChatResponse answer = await router.GetResponseAsync(request.Messages, request.Options, context.RequestAborted);
                tally?.Note(answer);
                await AnswerWriter.WriteAsync(context, answer, route, time);
            }
        }
        catch (RouterException e)
        {
            await ErrorWriter.WriteAsync(context, e.Error, route);
        }
        catch (Exception e) when (!context.RequestAborted.IsCancellationRequested && !context.Response.HasStarted)
        {
            FallbackEndpoints.LogUnhandled(context, e);
            await ErrorWriter.WriteAsync(context, ErrorWriter.Internal, route);
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller left; there is nobody to answer. The status is for our own traces.
            context.Response.StatusCode = context.Response.HasStarted ? context.Response.StatusCode : StatusCodes.Status499ClientClosedRequest;
        }
        finally
        {
            if (request is not null)
            {
                tally?.Charge(request, context.RequestAborted.IsCancellationRequested);
            }
        }
    }
}
