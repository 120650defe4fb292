using Npgsql;
using Router.Api.Endpoints;

namespace Router.Api.Auth;

/// <summary>
/// Guards the control plane: knows the caller, keeps a workspace's key inside its workspace, and answers 503 when
/// Postgres does not. Another workspace is answered like one that does not exist.
/// </summary>
internal sealed class ControlPlaneFilter(AdminAuthenticator authenticator) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        if (authenticator.Authenticate(http.Request.Headers.Authorization) is not { } caller)
            return Problems.Unauthorized();
        if (http.Request.RouteValues.TryGetValue("ws", out var value) && value is string workspace)
        {
            if (!caller.MayManage(workspace))
                return Problems.NoWorkspace(workspace);
        }

        if (!caller.IsAdministrator && http.GetEndpoint()?.Metadata.GetMetadata<AdministratorOnly>() is not null)
            return Problems.AdministratorOnly();
        http.Features.Set(caller);
        try
        {
            return await next(context);
        }
        catch (Exception exception) when (IsOutage(exception, http.RequestAborted))
        {
            return Problems.Unavailable();
        }
    }

    private static bool IsOutage(Exception exception, CancellationToken aborted) => exception switch
    {
        PostgresException postgres => postgres.IsTransient,
        NpgsqlException or TimeoutException => true,
        OperationCanceledException => !aborted.IsCancellationRequested,
        _ => false,
    };
}

/// <summary>Marks an endpoint that no workspace key may use.</summary>
internal sealed record AdministratorOnly;
