using Microsoft.AspNetCore.Http.HttpResults;
using Router.Api.Dialects.OpenAI;
using Router.Core.Failures;
using Router.Core.Keys;

namespace Router.Api.Endpoints;

/// <summary>What no other endpoint answers, and what fails outside of one: the control plane as a problem, the rest in OpenAI's envelope.</summary>
public static partial class FallbackEndpoints
{
    /// <summary>A database that is gone, or has no schema, is 503 wherever it was asked. Any other unhandled exception becomes a plain error; its details are in the log and the trace, never in the answer.</summary>
    public static IApplicationBuilder UseRouterErrors(this IApplicationBuilder app) => app.Use(async (context, next) =>
    {
        try
        {
            await next(context);
            if (context.Response is { HasStarted: false, ContentType: null } && IsControlPlane(context) && OfStatus(context.Response.StatusCode) is { } problem)
            {
                await problem.ExecuteAsync(context);
            }
        }
        catch (BadHttpRequestException e) when (!context.Response.HasStarted)
        {
            // The caller's fault, in a place where the framework reads the request.
            if (IsControlPlane(context))
            {
                await Problems.Unreadable(e.StatusCode).ExecuteAsync(context);
                return;
            }

            await ErrorWriter.WriteAsync(context, RouterError.InvalidRequest("The request could not be read.") with { Status = e.StatusCode }, null);
        }
        catch (Exception e) when (!context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested && DatabaseFaults.IsUnavailable(e))
        {
            context.Response.Clear();
            if (IsControlPlane(context))
            {
                await Problems.Unavailable(e).ExecuteAsync(context);
                return;
            }

            await ErrorWriter.WriteAsync(context, RouterError.Unavailable(Problems.WhyUnavailable(e)), null);
        }
        catch (Exception e) when (!context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
        {
            LogUnhandled(context, e);
            if (IsControlPlane(context))
            {
                context.Response.Clear();
                await Problems.Internal().ExecuteAsync(context);
                return;
            }

            await ErrorWriter.WriteAsync(context, ErrorWriter.Internal, null);
        }
    });

    /// <summary>What the framework answers with a bare status. In a native API that is what does not bind, too.</summary>
    private static ProblemHttpResult? OfStatus(int status) => status switch
    {
        StatusCodes.Status400BadRequest => Problems.Unreadable(status),
        StatusCodes.Status404NotFound => Problems.NotFound(),
        StatusCodes.Status405MethodNotAllowed => Problems.MethodNotAllowed(),
        _ => null,
    };

    private static bool IsControlPlane(HttpContext context) => context.Request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase);

    internal static void LogUnhandled(HttpContext context, Exception error) =>
        Log.Unhandled(context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger("Router.Api"), error);

    public static IEndpointRouteBuilder MapUnknownApi(this IEndpointRouteBuilder endpoints)
    {
        endpoints.Map("/v1/{**path}", (HttpContext context) => ErrorWriter.WriteAsync(
            context,
            new RouterError(404, "not_found", "invalid_request_error", $"There is no {context.Request.Method} {context.Request.Path} here."),
            null));
        return endpoints;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "A request failed for a reason of our own")]
        public static partial void Unhandled(ILogger logger, Exception exception);
    }
}
