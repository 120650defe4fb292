using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Router.Api.Auth;
using Router.Api.Dialects;
using Router.Api.Dialects.OpenAI;
using Router.Core.Chat;
using Router.Core.Failures;
using Router.Core.Keys;
using Router.Core.Limits;
using Router.Core.Routing;

namespace Router.Api.Endpoints;

/// <summary>POST /v1/chat/completions, and what it would do.</summary>
public static class ChatCompletionsEndpoint
{
    /// <summary>What reading and answering takes. Wants <c>AddRouterKeys</c>, <c>AddRouterLimits</c> and <c>AddRouterChat</c>.</summary>
    public static IServiceCollection AddChatCompletions(this IServiceCollection services)
    {
        services.TryAddSingleton<RequestBody>();
        return services.AddSingleton<ChatRequestReader>().AddSingleton<RequestLog>();
    }

    public static IEndpointRouteBuilder MapChatCompletions(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost("/v1/chat/completions", CompleteAsync);
        endpoints.MapPost("/v1/chat/completions:explain", ExplainAsync);
        return endpoints;
    }

    /// <summary>The plan the same body would be served by. Nothing is sent to a provider, and no turn to explore is used up.</summary>
    private static async Task ExplainAsync(HttpContext context, ISnapshotSource snapshots, ChatRequestReader reader, RequestBody bodies, RateLimiter limiter, RoutingKnowledge knowledge)
    {
        try
        {
            Workspace workspace = (await AdmitAsync(context, snapshots, limiter)).Workspace;
            RouteRequest request = reader.Read(await bodies.ReadAsync(context), workspace).Options.Request;
            List<Exclusion> excluded = [];
            AttemptPlan plan = RoutePlanner.Plan(new PlanInput(request.Model, request.Options, workspace) { Needs = request.Needs }, knowledge, excluded);
            await PlanWriter.WriteAsync(context, request, plan, excluded, knowledge);
        }
        catch (RouterException e)
        {
            await ErrorWriter.WriteAsync(context, e.Error, null);
        }
    }

    /// <summary>Whose request it is, once its limits let it through.</summary>
    /// <exception cref="RouterException">No such key, or a limit is used up.</exception>
    private static async ValueTask<(Workspace Workspace, RouterKey Key)> AdmitAsync(HttpContext context, ISnapshotSource snapshots, RateLimiter limiter)
    {
        (Workspace workspace, RouterKey key) = RouterCaller.AuthenticateKey(context, snapshots.Current);
        LimitDecision decision = await limiter.AdmitAsync(workspace, key, context.RequestAborted);
        LimitHeaders.Keep(context, decision);
        return decision.RefusedBy is { } refusal ? throw new RouterException(LimitHeaders.Error(refusal)) : (workspace, key);
    }

    private static async Task CompleteAsync(HttpContext context, ISnapshotSource snapshots, ChatRequestReader reader, RequestBody bodies, RateLimiter limiter, IChatClient router, RequestLog log, TimeProvider time)
    {
        RequestMark mark = RouterHeaders.Mark(context);
        RouteRequest? route = null;
        ChatRequest? request = null;
        TokenTally? tally = null;
        try
        {
            (Workspace workspace, RouterKey key) = await AdmitAsync(context, snapshots, limiter);
            tally = TokenTally.For(limiter, workspace, key);
            ReadOnlyMemory<byte> body = await bodies.ReadAsync(context);
            request = reader.Read(body, workspace);
            route = request.Options.Request;
            (mark.Chat, route.GenerationId) = (route, mark.GenerationId);
            (route.RouterKeyId, route.Stream, route.PromptBytes) = (key.Id, request.Stream, body.Length);
            if (request.Stream)
            {
                IAsyncEnumerable<ChatResponseUpdate> updates = router.GetStreamingResponseAsync(request.Messages, request.Options, context.RequestAborted);
                var writer = new AnswerStreamWriter(context, route, request.IncludeUsage, time);
                if (await writer.WriteAsync(tally?.NoteAsync(updates, context.RequestAborted) ?? updates, context.RequestAborted) is { } error)
                {
                    log.Failed(context, error);
                }
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
            await FailAsync(context, e.Error, route, log);
        }
        catch (Exception e) when (!context.RequestAborted.IsCancellationRequested && !context.Response.HasStarted)
        {
            FallbackEndpoints.LogUnhandled(context, e);
            await FailAsync(context, ErrorWriter.Internal, route, log);
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller left; there is nobody to answer. The status is for our own traces.
            context.Response.StatusCode = context.Response.HasStarted ? context.Response.StatusCode : StatusCodes.Status499ClientClosedRequest;
            log.Left(context);
        }
        finally
        {
            if (request is not null)
            {
                tally?.Charge(request, context.RequestAborted.IsCancellationRequested);
            }
        }
    }

    private static Task FailAsync(HttpContext context, RouterError error, RouteRequest? route, RequestLog log)
    {
        log.Failed(context, error);
        return ErrorWriter.WriteAsync(context, error, route);
    }
}
