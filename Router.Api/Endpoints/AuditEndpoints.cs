using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Router.Api.Auth;
using Router.Core.Keys;

namespace Router.Api.Endpoints;

/// <summary><c>/api/workspaces/{ws}/audit</c>: who changed what, newest first.</summary>
internal static class AuditEndpoints
{
    private const int DefaultLimit = 50;
    private const int MaxLimit = 200;

    public static void Map(RouteGroupBuilder workspaces) => workspaces.MapGet("{ws}/audit", ListAsync)
        .WithSummary("List who changed what, newest first").WithDescription($"limit is 1 to {MaxLimit}; before is the next_before of the page before.").Problems(400, 404);

    /// <summary>
    /// The administrator reads the log of a deleted workspace too. A workspace's key reads from its workspace's creation on:
    /// what an earlier workspace of the same id did is not its holder's business.
    /// </summary>
    private static async Task<Results<Ok<AuditListResponse>, ProblemHttpResult>> ListAsync(
        string ws, HttpContext http, WorkspaceStore workspaces, AuditStore audit, CancellationToken cancellationToken, string? limit = null, string? before = null)
    {
        var count = DefaultLimit;
        if (limit is not null && (!TryRead(limit, out count) || count is 0 or > MaxLimit))
            return Problems.Invalid("limit", $"limit is a whole number from 1 to {MaxLimit}.");
        var from = 0L;
        if (before is not null && !TryRead(before, out from))
            return Problems.Invalid("before", "before is the next_before of an earlier page.");
        var workspace = await workspaces.FindAsync(ws, cancellationToken);
        var administrator = http.Caller().IsAdministrator;
        if (workspace is null && !administrator)
            return Problems.NoWorkspace(ws);
        // One more than asked for says whether there is a next page.
        var entries = await audit.ListAsync(ws, before is null ? null : from, workspace is null ? null : http.Caller().Since(workspace), count + 1, cancellationToken);
        if (entries.Count == 0 && before is null && workspace is null)
            return Problems.NoWorkspace(ws);
        var page = entries.Take(count).Select(AuditEntryResponse.From).ToArray();
        return TypedResults.Ok(new AuditListResponse(page, entries.Count > count ? page[^1].Id : null));
    }

    private static bool TryRead<T>(string text, out T number)
        where T : struct, IParsable<T>, System.Numerics.INumberBase<T> =>
        T.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
