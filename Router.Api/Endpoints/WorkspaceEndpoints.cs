using Microsoft.AspNetCore.Http.HttpResults;
using Router.Api.Auth;
using Router.Core.Keys;
using Router.Core.Providers;

namespace Router.Api.Endpoints;

/// <summary><c>/api/workspaces</c>: tenants and what they allow.</summary>
internal static class WorkspaceEndpoints
{
    private const int MaxIdLength = 63;
    private const int MaxNameLength = 200;

    public static void Map(RouteGroupBuilder workspaces)
    {
        workspaces.MapPost("", CreateAsync).Accepts<CreateWorkspaceRequest>("application/json").WithMetadata(new AdministratorOnly(AuditActions.CreateWorkspace))
            .WithSummary("Create a workspace").Problems(400, 403, 409, 413);
        workspaces.MapGet("", ListAsync).WithSummary("List the workspaces the caller may manage");
        workspaces.MapGet("{ws}", GetAsync).WithSummary("Get a workspace").Problems(404);
        workspaces.MapDelete("{ws}", DeleteAsync).WithMetadata(new AdministratorOnly(AuditActions.DeleteWorkspace))
            .WithSummary("Delete a workspace with all its keys").Problems(403, 404);
        workspaces.MapGet("{ws}/policy", GetPolicyAsync).WithSummary("Get what a workspace allows").Problems(404);
        workspaces.MapPut("{ws}/policy", PutPolicyAsync).Accepts<WorkspacePolicyDocument>("application/json")
            .WithSummary("Set what a workspace allows; absent members take their default")
            .WithDescription("Only the administrator may change byok_fee_percent, limits and manage_keys_may_mint_inference; a workspace key sends them as they are.").Problems(400, 403, 404, 413);
    }

    private static async Task<Results<Created<WorkspaceResponse>, ProblemHttpResult>> CreateAsync(
        HttpContext http, WorkspaceStore store, StateAnnouncer announcer, CancellationToken cancellationToken)
    {
        var (body, problem) = await JsonBody.ReadAsync(http.Request, ControlPlaneJsonContext.Default.CreateWorkspaceRequest, cancellationToken);
        if (body is null)
            return problem!;
        if (!IsId(body.Id))
            return Problems.Invalid("id", $"A workspace id has 1 to {MaxIdLength} lower-case letters, digits or dashes, and begins with a letter or digit.");
        var name = string.IsNullOrWhiteSpace(body.DisplayName) ? body.Id! : body.DisplayName.Trim();
        if (name.Length > MaxNameLength || name.Any(char.IsControl))
            return Problems.Invalid("display_name", $"A display name has at most {MaxNameLength} characters, none of them a control character.");
        if (await store.CreateAsync(body.Id!, name, http.Origin(), cancellationToken) is not { } created)
            return Problems.WorkspaceExists(body.Id!);
        await announcer.AnnounceAsync(cancellationToken);
        return TypedResults.Created($"/api/workspaces/{created.Id}", WorkspaceResponse.From(created));
    }

    private static async Task<Ok<WorkspaceListResponse>> ListAsync(HttpContext http, WorkspaceStore store, CancellationToken cancellationToken)
    {
        var caller = http.Caller();
        var found = caller.WorkspaceId is not { } own ? await store.ListAsync(cancellationToken)
            : await store.FindAsync(own, cancellationToken) is { } only ? [only] : [];
        return TypedResults.Ok(new WorkspaceListResponse([.. found.Select(WorkspaceResponse.From)]));
    }

    private static async Task<Results<Ok<WorkspaceResponse>, ProblemHttpResult>> GetAsync(string ws, WorkspaceStore store, CancellationToken cancellationToken) =>
        await store.FindAsync(ws, cancellationToken) is { } found ? TypedResults.Ok(WorkspaceResponse.From(found)) : Problems.NoWorkspace(ws);

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        string ws, HttpContext http, WorkspaceStore store, StateAnnouncer announcer, CancellationToken cancellationToken)
    {
        if (!await store.DeleteAsync(ws, http.Origin(), cancellationToken))
            return Problems.NoWorkspace(ws);
        await announcer.AnnounceAsync(cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<Results<Ok<WorkspacePolicyDocument>, ProblemHttpResult>> GetPolicyAsync(
        string ws, WorkspaceStore store, CancellationToken cancellationToken) =>
        await store.FindAsync(ws, cancellationToken) is { } found ? TypedResults.Ok(WorkspacePolicyDocument.From(found.Policy)) : Problems.NoWorkspace(ws);

    private static async Task<Results<Ok<WorkspacePolicyDocument>, ProblemHttpResult>> PutPolicyAsync(
        string ws, HttpContext http, ProviderRegistry providers, WorkspaceStore store, AuditStore audit, StateAnnouncer announcer, CancellationToken cancellationToken)
    {
        var (body, problem) = await JsonBody.ReadAsync(http.Request, ControlPlaneJsonContext.Default.JsonDocument, cancellationToken);
        if (body is null)
            return problem!;
        using (body)
        {
            var (policy, wrong) = PolicyReader.Read(body.RootElement, providers);
            if (policy is null)
                return Problems.InvalidMembers(wrong);
            var outcome = await store.ChangePolicyAsync(ws, current => http.Caller().MayChange(current, policy) ? policy : null, http.Origin(), cancellationToken);
            if (outcome == PolicyOutcome.NoWorkspace)
                return Problems.NoWorkspace(ws);
            if (outcome == PolicyOutcome.Refused)
            {
                await audit.RefusedAsync(http.Origin(), ws, AuditActions.ChangePolicy, ws, "permission_denied");
                return Problems.OperatorsMembers();
            }

            await announcer.AnnounceAsync(cancellationToken);
            return TypedResults.Ok(WorkspacePolicyDocument.From(policy));
        }
    }

    private static bool IsId(string? id) =>
        id is { Length: > 0 and <= MaxIdLength } && id[0] != '-'
        && id.All(character => char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) || character == '-');
}
