using Microsoft.Extensions.AI;
using Router.Api.Auth;
using Router.Api.Dialects;
using Router.Api.Dialects.OpenAI;
using Router.Core;
using Router.Core.Chat;
using Router.Core.Failures;
using Router.Core.Keys;
using Router.Core.Limits;
using Router.Core.Routing;

namespace Router.Api.Endpoints;

/// <summary>POST /v1/chat/completions, and what it would do.</summary>
internal sealed class ChatCompletionsEndpoint(
    ISnapshotSource snapshots,
    ChatRequestReader reader,
    RequestBody bodies,
    RateLimiter limiter,
    IChatClient router,
    RoutingKnowledge knowledge,
    ObservationQueue ended,
    RequestLog log,
    AttemptClocks clocks,
    TimeProvider time)
{
    /// <summary>The plan the same body would be served by. Nothing is sent to a provider, and no turn to explore is used up.</summary>
    public async Task ExplainAsync(HttpContext context)
    {
        try
        {
            Workspace workspace = (await AdmitAsync(context)).Workspace;
            ReadOnlyMemory<byte> body = (await bodies.ReadAsync(context)).Bytes;
            await ForConditionsAsync(workspace);
            RouteRequest request = reader.Read(body, workspace).Options.Request;
            List<Exclusion> excluded = [];
            AttemptPlan plan = RoutePlanner.Plan(new PlanInput(request.Model, request.Options, workspace) { Needs = request.Source!.Needs }, knowledge, excluded);
            await PlanWriter.WriteAsync(context, request, plan, excluded, knowledge);
        }
        catch (RouterException e)
        {
            await ErrorWriter.WriteAsync(context, e.Error, null);
        }
    }

    /// <summary>Whose request it is, once its limits let it through.</summary>
    /// <exception cref="RouterException">No such key, or a limit is used up.</exception>
    private async ValueTask<(Workspace Workspace, RouterKey Key)> AdmitAsync(HttpContext context)
    {
        (Workspace workspace, RouterKey key) = RouterCaller.AuthenticateKey(context, snapshots.Current);
        LimitDecision decision = await limiter.AdmitAsync(workspace, key, context.RequestAborted);
        RouterHeaders.Mark(context).Limits = decision;
        return decision.RefusedBy is { } refusal ? throw new RouterException(LimitHeaders.Error(refusal)) : (workspace, key);
    }

    /// <summary>The conditions of saved routers may take their time: not that of a thread that polls sockets.</summary>
    private static async ValueTask ForConditionsAsync(Workspace workspace)
    {
        if (workspace.SavedRouters.Count > 0)
        {
            await PoolThread.Switch();
        }
    }

    /// <summary>Serves a chat from its bytes to the end of its answer.</summary>
    public async Task CompleteAsync(HttpContext context)
    {
        RequestMark mark = RouterHeaders.Mark(context);
        RouteRequest? route = null;
        ChatRequest? request = null;
        RouterKey? caller = null;
        RequestBuffer? body = null;
        bool served = false;
        try
        {
            (Workspace workspace, RouterKey key) = await AdmitAsync(context);
            caller = key;
            body = await bodies.ReadAsync(context);
            await ForConditionsAsync(workspace);
            request = reader.Read(body.Bytes, workspace);
            route = request.Options.Request;
            (mark.Chat, route.GenerationId) = (route, mark.GenerationId);
            (route.RouterKeyId, route.Stream) = (key.Id, request.Stream);
            if (request.Stream)
            {
                IAsyncEnumerable<ChatResponseUpdate> updates = router.GetStreamingResponseAsync(request.Messages, request.Options, context.RequestAborted);
                var writer = new AnswerStreamWriter(context, route, request.IncludeUsage, time);
                if (await writer.WriteAsync(updates, context.RequestAborted) is { } error)
                {
                    log.Failed(context, error);
                }
            }
            else
            {
                ChatResponse answer = await router.GetResponseAsync(request.Messages, request.Options, context.RequestAborted);
                await AnswerWriter.WriteAsync(context, answer, route, time);
            }

            served = true;
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller left; there is nobody to answer. The status is for our own traces.
            if (!context.Response.HasStarted)
            {
                context.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
            }

            // Where the process ended first, and could not say so to a caller that did not read, the caller is not to blame.
            if (clocks.Ending.IsCancellationRequested)
            {
                log.Failed(context, RouterError.ShuttingDown());
            }
            else
            {
                log.Left(context);
            }
        }
        catch (RouterException e)
        {
            await FailAsync(context, e.Error, route);
        }
        catch (Exception e) when (!context.RequestAborted.IsCancellationRequested && !context.Response.HasStarted)
        {
            FallbackEndpoints.LogUnhandled(context, e);
            await FailAsync(context, ErrorWriter.Internal, route);
        }
        finally
        {
            if (request is not null)
            {
                limiter.Charge(request.Options.Request.Workspace, caller, request.Options.Request.Tokens);
                if (served)
                {
                    body?.Release(request.Options.Request);
                }
            }

            ended.Tend();
        }
    }

    private Task FailAsync(HttpContext context, RouterError error, RouteRequest? route)
    {
        log.Failed(context, error);
        return ErrorWriter.WriteAsync(context, error, route);
    }
}
