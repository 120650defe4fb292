using System.Diagnostics;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Router.Api.Auth;
using Router.Core.Keys;
using Router.Core.Providers;

namespace Router.Api.Endpoints;

/// <summary><c>/api/workspaces/{ws}/provider-keys</c>: bring your own key. A saved key is never given back.</summary>
internal static class ProviderKeyEndpoints
{
    private const int DefaultHistory = 50;
    private const int MostHistory = 200;

    public static void Map(RouteGroupBuilder workspaces)
    {
        var keys = workspaces.MapGroup("{ws}/provider-keys");
        keys.MapGet("", ListAsync).WithSummary("List a workspace's provider keys, without the keys").Problems(404);
        keys.MapPut("{provider}", PutAsync).Accepts<SaveProviderKeyRequest>("application/json")
            .WithSummary("Check a provider key with a live call and save it")
            .WithDescription("If-Match and If-None-Match take the ETag of the stored key; 412 when it is another. 409 when a newer save or a delete took effect while this one was being checked.")
            .Problems(400, 404, 409, 412, 413, 422);
        keys.MapGet("{provider}", GetAsync).WithSummary("Get what is known of a provider key").Problems(404);
        keys.MapDelete("{provider}", DeleteAsync).WithSummary("Delete a provider key").WithDescription("If-Match takes the ETag of the stored key; 412 when it is another.").Problems(404, 412);
        keys.MapGet("{provider}/history", HistoryAsync).WithSummary("List what became of a provider key, newest first")
            .WithDescription($"limit is 1 to {MostHistory}; before is the next_before of the page before.").Problems(400, 404);
        keys.MapPost("{provider}/validate", ValidateAsync).WithSummary("Check a saved provider key now").Problems(404, 409);
    }

    /// <summary><c>/api/provider-keys</c>: the keys of all workspaces.</summary>
    public static void MapAll(RouteGroupBuilder keys) =>
        keys.MapPost("recheck", RecheckAllAsync).WithMetadata(new AdministratorOnly(AuditActions.RecheckProviderKeys))
            .WithSummary("Have every stored provider key of every workspace checked again now").Problems(403);

    /// <summary>Answers when the keys are due; the workers check them, eight at a time each.</summary>
    private static async Task<Accepted<RecheckResponse>> RecheckAllAsync(HttpContext http, KeyCheckStore store, CancellationToken cancellationToken) =>
        TypedResults.Accepted((string?)null, new RecheckResponse(await store.RecheckAllAsync(http.Origin(), Activity.Current?.Id, cancellationToken)));

    /// <summary>Checks the key with a live call, then stores it; what the outcomes do is in <see cref="ProviderKeySaver"/>.</summary>
    private static async Task<Results<Ok<ProviderKeyResponse>, ProblemHttpResult>> PutAsync(
        string ws, string provider, HttpContext http, ProviderRegistry providers, ProviderKeySaver saver, StateAnnouncer announcer, CancellationToken cancellationToken, bool force = false)
    {
        if (!providers.TryFind(provider, out var known))
            return Problems.UnknownProvider(provider, providers.Slugs);
        var definition = known.Definition;
        var (body, problem) = await JsonBody.ReadAsync(http.Request, ControlPlaneJsonContext.Default.SaveProviderKeyRequest, cancellationToken);
        if (body is null)
            return problem!;
        var (key, member, detail) = body.Read(definition);
        if (key is null)
            return Problems.Invalid(member, $"'{member}' {detail}.");
        var (saved, refused) = await saver.SaveAsync(ws, definition, key, force, http.Origin(), KeyTags.Of(http.Request), cancellationToken);
        if (saved is null)
            return refused ?? Problems.NoWorkspace(ws);
        await announcer.AnnounceAsync(cancellationToken);
        return Shown(http, saved);
    }

    private static async Task<Results<Ok<ProviderKeyListResponse>, ProblemHttpResult>> ListAsync(
        string ws, WorkspaceStore workspaces, ProviderKeyStore store, CancellationToken cancellationToken)
    {
        var keys = await store.ListAsync(ws, cancellationToken);
        if (keys.Count == 0 && await workspaces.FindAsync(ws, cancellationToken) is null)
            return Problems.NoWorkspace(ws);
        return TypedResults.Ok(new ProviderKeyListResponse([.. keys.Select(ProviderKeyResponse.From)]));
    }

    private static async Task<Results<Ok<ProviderKeyResponse>, ProblemHttpResult>> GetAsync(
        string ws, string provider, HttpContext http, ProviderRegistry providers, ProviderKeyStore store, CancellationToken cancellationToken)
    {
        if (!providers.TryFind(provider, out var known))
            return Problems.UnknownProvider(provider, providers.Slugs);
        var definition = known.Definition;
        return await store.FindAsync(ws, definition.Slug, cancellationToken) is { } key
            ? Shown(http, key)
            : Problems.NoProviderKey(definition.DisplayName);
    }

    private static async Task<Results<Ok<KeyHistoryResponse>, ProblemHttpResult>> HistoryAsync(
        string ws, string provider, ProviderRegistry providers, ProviderKeyStore store, KeyHistoryStore history, CancellationToken cancellationToken, int limit = DefaultHistory, long? before = null)
    {
        if (!providers.TryFind(provider, out var known))
            return Problems.UnknownProvider(provider, providers.Slugs);
        if (limit is < 1 or > MostHistory)
            return Problems.Invalid("limit", $"'limit' is from 1 to {MostHistory}.");
        // One more than asked for says whether there is a next page.
        var found = await history.ListAsync(ws, known.Definition.Slug, before, limit + 1, cancellationToken);
        if (found.Count == 0 && await store.FindAsync(ws, known.Definition.Slug, cancellationToken) is null)
            return Problems.NoProviderKey(known.Definition.DisplayName);
        var page = found.Take(limit).Select(KeyHistoryEntryResponse.From).ToArray();
        return TypedResults.Ok(new KeyHistoryResponse(page, found.Count > limit ? page[^1].Id : null));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        string ws, string provider, HttpContext http, ProviderRegistry providers, ProviderKeyStore store, StateAnnouncer announcer, CancellationToken cancellationToken)
    {
        if (!providers.TryFind(provider, out var known))
            return Problems.UnknownProvider(provider, providers.Slugs);
        var definition = known.Definition;
        var tags = KeyTags.Of(http.Request);
        var outcome = await store.DeleteAsync(ws, definition.Slug, http.Origin(), tags.IsEmpty ? null : key => tags.Allow(key), cancellationToken);
        if (outcome != KeyDelete.Deleted)
            return outcome == KeyDelete.None ? Problems.NoProviderKey(definition.DisplayName) : Problems.OtherKey();
        await announcer.AnnounceAsync(cancellationToken);
        return TypedResults.NoContent();
    }

    /// <summary>Checks the stored key now and keeps what was found, whatever it is.</summary>
    private static async Task<Results<Ok<ProviderKeyResponse>, ProblemHttpResult>> ValidateAsync(
        string ws,
        string provider,
        ProviderRegistry providers,
        HttpContext http,
        ProviderKeyStore store,
        KeyRechecker rechecker,
        StateAnnouncer announcer,
        IOptions<RevalidationOptions> options,
        CancellationToken cancellationToken)
    {
        if (!providers.TryFind(provider, out var known))
            return Problems.UnknownProvider(provider, providers.Slugs);
        var definition = known.Definition;
        if (await store.FindSealedAsync(ws, definition.Slug, cancellationToken) is not { } stored)
            return Problems.NoProviderKey(definition.DisplayName);
        if (await rechecker.RecheckAsync(stored, claimant: null, options.Value.CheckTimeout, http.Origin(), cancellationToken) is null)
            return Problems.Replaced();
        await announcer.AnnounceAsync(cancellationToken);
        return await store.FindAsync(ws, definition.Slug, cancellationToken) is { } key
            ? Shown(http, key)
            : Problems.Replaced();
    }

    private static Ok<ProviderKeyResponse> Shown(HttpContext http, ProviderKeyRecord key)
    {
        http.Response.Headers.ETag = KeyTags.Of(key);
        return TypedResults.Ok(ProviderKeyResponse.From(key));
    }
}
