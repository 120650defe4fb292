using Microsoft.AspNetCore.Http.HttpResults;
using Router.Api.Auth;
using Router.Core.Keys;
using Router.Core.Providers;

namespace Router.Api.Endpoints;

/// <summary><c>/api/providers</c>: the providers as this API runs them.</summary>
internal static class ProviderEndpoints
{
    public static void Map(RouteGroupBuilder providers)
    {
        providers.MapGet("", List).WithSummary("List the providers: which are live, which the simulator stands in for, why, and where the operator has a key");
        providers.MapPut("{provider}", SwitchAsync).Accepts<SwitchProviderRequest>("application/json").WithMetadata(new AdministratorOnly(AuditActions.SwitchProvider))
            .WithSummary("Make a provider live, or simulated again, on every replica and worker")
            .WithDescription("In force within two seconds, and kept. Stored keys of the provider are checked anew, since another answers for it. 409 when configuration decides; the problem names the setting.")
            .Problems(400, 403, 404, 409, 413);
    }

    private static Ok<ProviderListResponse> List(ProviderRegistry providers) =>
        TypedResults.Ok(new ProviderListResponse([.. providers.All.Select(ProviderResponse.From)]));

    private static async Task<Results<Ok<ProviderResponse>, ProblemHttpResult>> SwitchAsync(
        string provider, HttpContext http, ProviderRegistry providers, ProviderSwitch change, CancellationToken cancellationToken)
    {
        if (!providers.TryFind(provider, out var known))
            return Problems.UnknownProvider(provider, providers.Slugs);
        var (body, problem) = await JsonBody.ReadAsync(http.Request, ControlPlaneJsonContext.Default.SwitchProviderRequest, cancellationToken);
        if (body is null)
            return problem!;
        if (body.Live is not { } live)
            return Problems.Invalid("live", "'live' is required: true or false.");
        if (await change.SetAsync(known, live, http.Origin(), cancellationToken) is { } refused)
            return refused;
        return TypedResults.Ok(ProviderResponse.From(providers.All.First(one => one.Slug == known.Slug)));
    }
}
