using Microsoft.AspNetCore.Http.HttpResults;
using Router.Api.Auth;
using Router.Core.Keys;

namespace Router.Api.Endpoints;

/// <summary><c>/api/workspaces/{ws}/api-keys</c>: the router's own keys. The secret is in one answer only.</summary>
internal static class ApiKeyEndpoints
{
    public const int MaxNameLength = 100;

    public static void Map(RouteGroupBuilder workspaces)
    {
        var keys = workspaces.MapGroup("{ws}/api-keys");
        keys.MapPost("", CreateAsync).Accepts<CreateApiKeyRequest>("application/json")
            .WithSummary("Create a router API key; only this answer shows it")
            .WithDescription("A workspace's key makes no key with more permissions or higher limits than its own; limits it does not name are its own.").Problems(400, 403, 404, 409, 413);
        keys.MapGet("", ListAsync).WithSummary("List a workspace's router API keys").Problems(404);
        keys.MapDelete("{id}", RevokeAsync).WithSummary("Revoke a router API key").Problems(404);
    }

    private static async Task<Results<Created<ApiKeyResponse>, ProblemHttpResult>> CreateAsync(
        string ws, HttpContext http, RouterKeyStore store, ISnapshotSource snapshots, AuditStore audit, StateAnnouncer announcer, CancellationToken cancellationToken)
    {
        var (body, problem) = await JsonBody.ReadAsync(http.Request, ControlPlaneJsonContext.Default.CreateApiKeyRequest, cancellationToken);
        if (body is null)
            return problem!;
        var name = body.Name?.Trim() ?? "";
        if (name.Length is 0 or > MaxNameLength || name.Any(char.IsControl))
            return Problems.Invalid("name", $"A key's name has 1 to {MaxNameLength} characters, none of them a control character.");
        if (PermissionNames.Parse(body.Permissions) is not { } permissions)
            return Problems.Invalid("permissions", "Permissions are a list of inference and manage.");
        var (limits, wrong) = LimitsReader.Read(body.Limits ?? default);
        if (wrong is not null)
            return Problems.Invalid("limits", wrong);
        (limits, var refusal) = http.Caller().Grant(snapshots.Current, permissions, limits);
        if (refusal is not null)
        {
            await audit.RefusedAsync(http.Origin(), ws, AuditActions.CreateRouterKey, name, "permission_denied");
            return Problems.PermissionDenied(refusal);
        }

        var token = RouterKeyToken.Generate();
        var (outcome, created) = await store.CreateAsync(ws, name, permissions, limits, token, http.Origin(), cancellationToken);
        if (created is null)
            return outcome == RouterKeyCreation.TooMany ? Problems.TooManyRouterKeys() : Problems.NoWorkspace(ws);
        await announcer.AnnounceAsync(cancellationToken);
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Created($"/api/workspaces/{ws}/api-keys/{created.Id}", ApiKeyResponse.From(created, token.Reveal()));
    }

    private static async Task<Results<Ok<ApiKeyListResponse>, ProblemHttpResult>> ListAsync(
        string ws, WorkspaceStore workspaces, RouterKeyStore store, CancellationToken cancellationToken)
    {
        var keys = await store.ListAsync(ws, cancellationToken);
        if (keys.Count == 0 && await workspaces.FindAsync(ws, cancellationToken) is null)
            return Problems.NoWorkspace(ws);
        return TypedResults.Ok(new ApiKeyListResponse([.. keys.Select(key => ApiKeyResponse.From(key))]));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> RevokeAsync(
        string ws, string id, HttpContext http, RouterKeyStore store, StateAnnouncer announcer, CancellationToken cancellationToken)
    {
        // The id of a key as its holder sees it begins with the prefix.
        var bare = id.StartsWith(RouterKeyToken.Prefix, StringComparison.Ordinal) ? id[RouterKeyToken.Prefix.Length..] : id;
        if (!await store.RevokeAsync(ws, bare, http.Origin(), cancellationToken))
            return Problems.NoRouterKey();
        await announcer.AnnounceAsync(cancellationToken);
        return TypedResults.NoContent();
    }
}
