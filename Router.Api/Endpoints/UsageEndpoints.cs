using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Router.Api.Auth;
using Router.Core.Keys;
using Router.Core.Usage;

namespace Router.Api.Endpoints;

/// <summary><c>/api/workspaces/{ws}/attempts</c> and <c>/usage</c>: what was asked of providers, and what it cost.</summary>
internal static class UsageEndpoints
{
    private const int DefaultLimit = 50;
    private const int MostLimit = 500;
    private const int DefaultDays = 30;

    public static void Map(RouteGroupBuilder workspaces)
    {
        workspaces.MapGet("{ws}/attempts", AttemptsAsync).WithSummary("List upstream requests, newest first").Problems(400, 404);
        workspaces.MapGet("{ws}/usage", UsageAsync).WithSummary("Sum tokens and cost by day, model, provider, credential_type or api_key")
            .WithDescription($"from defaults to {DefaultDays} days before to, and to to now.").Problems(400, 404);
    }

    private static async Task<Results<Ok<AttemptListResponse>, ProblemHttpResult>> AttemptsAsync(
        string ws,
        HttpContext http,
        WorkspaceStore workspaces,
        UsageQueries usage,
        CancellationToken cancellationToken,
        DateTimeOffset? from = null,
        DateTimeOffset? to = null,
        string? provider = null,
        string? model = null,
        [FromQuery(Name = "credential_type")] string? credentialType = null,
        string? outcome = null,
        [FromQuery(Name = "generation_id")] Guid? generationId = null,
        [FromQuery(Name = "trace_id")] string? traceId = null,
        string? before = null,
        int limit = DefaultLimit)
    {
        if (limit is < 1 or > MostLimit)
            return Problems.Invalid("limit", $"'limit' is from 1 to {MostLimit}.");
        if (!TryRead(before, out var cursor))
            return Problems.Invalid("before", "'before' is the next_before of an earlier page.");
        foreach (var (name, text) in new[] { ("provider", provider), ("model", model), ("credential_type", credentialType), ("outcome", outcome), ("trace_id", traceId) })
        {
            if (text is not null && text.Any(char.IsControl))
                return Problems.Invalid(name, $"'{name}' holds a control character.");
        }

        if (await workspaces.FindAsync(ws, cancellationToken) is not { } workspace)
            return Problems.NoWorkspace(ws);
        var filter = new AttemptFilter(from, to, provider, model, credentialType, outcome, generationId, traceId);
        var found = await usage.AttemptsAsync(ws, http.Caller().Since(workspace), filter, cursor, limit, cancellationToken);
        return TypedResults.Ok(new AttemptListResponse(found, found.Count == limit ? Write(found[^1]) : null));
    }

    private static async Task<Results<Ok<UsageResponse>, ProblemHttpResult>> UsageAsync(
        string ws,
        HttpContext http,
        WorkspaceStore workspaces,
        UsageQueries usage,
        TimeProvider time,
        CancellationToken cancellationToken,
        DateTimeOffset? from = null,
        DateTimeOffset? to = null,
        [FromQuery(Name = "group_by")] string? groupBy = null)
    {
        // Not the parameter's own default: what is generated for a native API leaves it out.
        groupBy ??= "day";
        if (!UsageQueries.Groups.ContainsKey(groupBy))
            return Problems.Invalid("group_by", $"'group_by' is one of {string.Join(", ", UsageQueries.Groups.Keys)}.");
        if (await workspaces.FindAsync(ws, cancellationToken) is not { } workspace)
            return Problems.NoWorkspace(ws);
        // A busy workspace's whole history takes longer than a query may.
        var end = to ?? time.GetUtcNow();
        from ??= end - DateTimeOffset.MinValue > TimeSpan.FromDays(DefaultDays) ? end.AddDays(-DefaultDays) : DateTimeOffset.MinValue;
        var sums = await usage.SumsAsync(ws, http.Caller().Since(workspace), groupBy, from, to, cancellationToken);
        return TypedResults.Ok(new UsageResponse(groupBy, from.Value, [.. sums.Select(UsageRow.From)]));
    }

    private static string Write(UsageRecord last) => string.Create(CultureInfo.InvariantCulture, $"{last.At.UtcTicks}.{last.Id:N}");

    private static bool TryRead(string? text, out AttemptCursor? cursor)
    {
        cursor = null;
        if (text is null)
            return true;
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        if (dot < 0 || !long.TryParse(text.AsSpan(0, dot), NumberStyles.None, CultureInfo.InvariantCulture, out var ticks) || ticks > DateTime.MaxValue.Ticks || !Guid.TryParseExact(text.AsSpan(dot + 1), "N", out var id))
            return false;
        cursor = new(new DateTimeOffset(ticks, TimeSpan.Zero), id);
        return true;
    }
}
