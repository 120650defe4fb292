using Router.Api.Dialects.OpenAI;
using Router.Api.Endpoints;
using Router.Core.Failures;
using Router.Core.Keys;
using Router.Core.Limits;

namespace Router.Api.Auth;

/// <summary>Guards the saved routers: knows the caller, and answers what goes wrong in OpenAI's envelope.</summary>
internal sealed class SavedRouterFilter(Doorkeeper doorkeeper, ISnapshotSource snapshots, RateLimiter limiter) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        HttpContext http = context.HttpContext;
        try
        {
            (SavedRouterCaller caller, ControlPlaneCaller origin) = SavedRouterCaller.Authenticate(http, doorkeeper, snapshots.Current);
            if (await ChangeLimit.AskAsync(limiter, http, origin) is { } tooMany)
                throw new RouterException(tooMany);
            http.Features.Set(caller);
            http.Features.Set(origin);
            return await next(context);
        }
        catch (RouterException e)
        {
            await ErrorWriter.WriteAsync(http, e.Error, null);
        }
        catch (Exception e) when (ControlPlaneFilter.IsOutage(e, http.RequestAborted))
        {
            await ErrorWriter.WriteAsync(http, RouterError.Unavailable(Problems.WhyUnavailable(e)), null);
        }

        return Results.Empty;
    }
}
