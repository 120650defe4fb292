using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Router.Api.Auth;
using Router.Api.Dialects;
using Router.Core.Failures;
using Router.Core.Keys;
using Router.Core.Providers;
using Router.Core.Routing.SavedRouters;
using Router.Core.Wire;

namespace Router.Api.Endpoints;

/// <summary><c>/router/v1/routers</c>: saved routers, as the original has them.</summary>
internal static class SavedRouterEndpoints
{
    /// <summary>How often an update is tried anew when another got in between.</summary>
    private const int MostTries = 3;

    public static void Map(IEndpointRouteBuilder endpoints)
    {
        RouteGroupBuilder routers = endpoints.MapGroup("/router/v1/routers").AddEndpointFilter<RouteGroupBuilder, SavedRouterFilter>();
        routers.MapPost("", CreateAsync);
        routers.MapGet("", ListAsync);
        routers.MapGet("{id}", GetAsync);
        routers.MapPatch("{id}", UpdateAsync);
        routers.MapDelete("{id}", DeleteAsync);
    }

    private static async Task<IResult> CreateAsync(
        HttpContext http, RequestBody bodies, ProviderRegistry providers, SavedRouterStore store, StateAnnouncer announcer, CancellationToken cancellationToken)
    {
        SavedRouter router = Read(await BodyAsync(http, bodies), providers);
        (SavedRouterCreation outcome, SavedRouterRecord? created) = await store.CreateAsync(Workspace(http), router.Name, Definition(router), http.Origin(), cancellationToken);
        if (created is null)
        {
            throw outcome switch
            {
                SavedRouterCreation.NoWorkspace => SavedRouterCaller.NoWorkspace(),
                SavedRouterCreation.TooMany => new RouterException(RouterError.InvalidRequest($"A workspace may have at most {SavedRouterStore.MostPerWorkspace} saved routers.", "name")),
                _ => Conflict("router_exists", $"This workspace has a saved router '{router.Name}' already."),
            };
        }

        await announcer.AnnounceAsync(cancellationToken);
        return SavedRouterAnswers.Operation(created);
    }

    private static async Task<IResult> ListAsync(HttpContext http, SavedRouterStore store, CancellationToken cancellationToken)
    {
        SavedRouterPage page = SavedRouterPage.Read(http.Request.Query);
        List<SavedRouterRecord> found = await store.ListAsync(Workspace(http), page.After, page.Size + 1, cancellationToken);
        int total = await store.CountAsync(Workspace(http), cancellationToken);
        return SavedRouterAnswers.List(found.Take(page.Size), found.Count > page.Size ? SavedRouterPage.TokenAfter(found[page.Size - 1].Name) : null, total);
    }

    private static async Task<IResult> GetAsync(string id, HttpContext http, SavedRouterStore store, CancellationToken cancellationToken) =>
        SavedRouterAnswers.Router(await FindAsync(http, id, store, cancellationToken));

    private static async Task<IResult> UpdateAsync(
        string id, HttpContext http, RequestBody bodies, ProviderRegistry providers, SavedRouterStore store, StateAnnouncer announcer, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte> patch = await BodyAsync(http, bodies);
        CheckPatch(patch, id);
        for (int tries = 0; tries < MostTries; tries++)
        {
            SavedRouterRecord current = await FindAsync(http, id, store, cancellationToken);
            byte[] before = Encoding.UTF8.GetBytes(current.Definition);
            byte[] after = RouterPatch.Apply(before, patch.Span, Mask(http.Request.Query))
                ?? throw new RouterException(RouterError.InvalidRequest("'update_mask' must be member names, separated by commas, and the body must not have more members than a router.", "update_mask"));
            string definition = Definition(Read(after, providers));
            if (await store.ReplaceAsync(Workspace(http), id, current.Revision, definition, RouterPatch.Changed(before, Encoding.UTF8.GetBytes(definition)), http.Origin(), cancellationToken) is { } changed)
            {
                await announcer.AnnounceAsync(cancellationToken);
                return SavedRouterAnswers.Operation(changed);
            }
        }

        throw Conflict("router_changed", "The saved router was changed at the same time. Try again.");
    }

    private static async Task<IResult> DeleteAsync(string id, HttpContext http, SavedRouterStore store, StateAnnouncer announcer, CancellationToken cancellationToken)
    {
        if (!RouterName.IsValid(id) || !await store.DeleteAsync(Workspace(http), id, http.Origin(), cancellationToken))
        {
            throw new RouterException(RouterError.RouterNotFound(id, null));
        }

        await announcer.AnnounceAsync(cancellationToken);
        return SavedRouterAnswers.Nothing();
    }

    private static string Workspace(HttpContext http) => http.Features.GetRequiredFeature<SavedRouterCaller>().WorkspaceId;

    private static string? Mask(IQueryCollection query) => query["update_mask"].FirstOrDefault() ?? query["updateMask"].FirstOrDefault();

    private static async Task<SavedRouterRecord> FindAsync(HttpContext http, string id, SavedRouterStore store, CancellationToken cancellationToken) =>
        (RouterName.IsValid(id) ? await store.FindAsync(Workspace(http), id, cancellationToken) : null)
        ?? throw new RouterException(RouterError.RouterNotFound(id, null));

    private static async Task<ReadOnlyMemory<byte>> BodyAsync(HttpContext http, RequestBody bodies)
    {
        ReadOnlyMemory<byte> body = (await bodies.ReadAsync(http)).Bytes;
        return body.Length <= SavedRouterReader.MaxBytes ? body : throw new RouterException(RouterError.TooLarge(SavedRouterReader.MaxBytes));
    }

    private static SavedRouter Read(ReadOnlyMemory<byte> definition, ProviderRegistry providers)
    {
        SavedRouterReading reading = SavedRouterReader.Read(definition);
        ImmutableArray<RouterProblem> problems = reading.Router is { } router
            ? RouterReferences.Check(router, name => providers.TryFind(name, out _))
            : reading.Problems;
        return problems.IsEmpty ? reading.Router! : throw Invalid(reading with { Problems = problems });
    }

    /// <summary>What must hold of a patch before it is laid over a definition.</summary>
    private static void CheckPatch(ReadOnlyMemory<byte> patch, string id)
    {
        var problems = new List<RouterProblem>();
        if (SavedRouterReader.Parse(patch, problems) is not { } root)
        {
            throw Invalid(new SavedRouterReading(null, [.. problems]));
        }

        if (root.TryGetProperty("name", out JsonElement name) && name.ValueKind != JsonValueKind.Null && !(name.ValueKind == JsonValueKind.String && RouterName.Bare(name.GetString()!) == id))
        {
            throw new RouterException(RouterError.InvalidRequest("A saved router's 'name' cannot be changed.", "name"));
        }
    }

    private static string Definition(SavedRouter router) => Encoding.UTF8.GetString(JsonText.Write(writer => SavedRouterWriter.Write(writer, router)));

    private static RouterException Invalid(SavedRouterReading reading) =>
        new(RouterError.InvalidRequest($"The saved router is refused: {reading.Describe()}", reading.Problems[0].Path is { Length: > 0 } path ? path : null));

    private static RouterException Conflict(string code, string message) => new(new RouterError(409, code, "invalid_request_error", message, "name"));
}
