using Router.Api.Dialects;
using Router.Api.Endpoints;
using Router.Core.Keys;
using Router.Core.Limits;

namespace Router.Api.Auth;

/// <summary>
/// Guards the control plane: knows the caller, keeps a workspace's key inside its workspace, and answers 503 when
/// Postgres does not, or was never read so that a key cannot be known. Another workspace is answered like one that does not exist.
/// </summary>
internal sealed class ControlPlaneFilter(Doorkeeper doorkeeper, ISnapshotSource snapshots, RateLimiter limiter, AuditStore audit) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        if (doorkeeper.Admit(http, KeyDoor.Administration, http.Request.Headers.Authorization, out var wait) is not { } caller)
        {
            return wait is { } time ? Problems.TooMany(http, TooManyKeys.Error(time))
                : snapshots.Current.IsLoaded ? Problems.Unauthorized() : Problems.Unavailable();
        }

        if (http.Request.RouteValues.TryGetValue("ws", out var value) && value is string workspace)
        {
            if (!caller.MayManage(workspace))
                return Problems.NoWorkspace(workspace);
        }

        http.Features.Set(caller);
        if (caller.WorkspaceId is { } own && http.GetEndpoint()?.Metadata.GetMetadata<AdministratorOnly>() is { } only)
        {
            // Counted whatever it would do: each leaves an entry in the log.
            if (await limiter.AdmitChangeAsync(own, http.RequestAborted) is { } refusal)
                return Problems.TooMany(http, LimitHeaders.Error(refusal));
            await audit.RefusedAsync(http.Origin(), own, only.Action, own, "permission_denied");
            return Problems.AdministratorOnly();
        }

        if (await ChangeLimit.AskAsync(limiter, http, caller) is { } tooMany)
            return Problems.TooMany(http, tooMany);
        try
        {
            return await next(context);
        }
        catch (Exception exception) when (IsOutage(exception, http.RequestAborted))
        {
            return Problems.Unavailable(exception);
        }
    }

    /// <summary>Whether Postgres, and not the request, is to blame.</summary>
    internal static bool IsOutage(Exception exception, CancellationToken aborted) => exception switch
    {
        TimeoutException => true,
        OperationCanceledException => !aborted.IsCancellationRequested,
        _ => DatabaseFaults.IsUnavailable(exception),
    };
}

/// <summary>Marks an endpoint that no workspace key may use.</summary>
/// <param name="Action">What a refused attempt is called in the audit log.</param>
internal sealed record AdministratorOnly(string Action);
