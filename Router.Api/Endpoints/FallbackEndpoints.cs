using Router.Api.Dialects.OpenAI;
using Router.Core.Failures;

namespace Router.Api.Endpoints;

/// <summary>What no other endpoint answers, and what fails outside of one: the control plane as a problem, the rest in OpenAI's envelope.</summary>
public static partial class FallbackEndpoints
{
    /// <summary>An unhandled exception becomes a plain error; its details are in the log and the trace, never in the answer.</summary>
    public static IApplicationBuilder UseRouterErrors(this IApplicationBuilder app) => app.Use(async (context, next) =>
    {
        try
        {
            await next(context);
            // In a native API, what does not bind is refused with a bare status instead.
            if (context.Response is { StatusCode: StatusCodes.Status400BadRequest, HasStarted: false, ContentType: null } && IsControlPlane(context))
            {
                await Problems.Unreadable(StatusCodes.Status400BadRequest).ExecuteAsync(context);
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

    private static bool IsControlPlane(HttpContext context) => context.Request.Path.StartsWithSegments("/api", StringComparison.Ordinal);

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
