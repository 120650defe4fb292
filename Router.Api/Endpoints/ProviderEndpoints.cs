using Microsoft.AspNetCore.Http.HttpResults;
using Router.Core.Providers;

namespace Router.Api.Endpoints;

/// <summary><c>/api/providers</c>: the providers as this API runs them.</summary>
internal static class ProviderEndpoints
{
    public static void Map(RouteGroupBuilder providers) =>
        providers.MapGet("", List).WithSummary("List the providers: which are live, which the simulator stands in for, and where the operator has a key");

    private static Ok<ProviderListResponse> List(ProviderRegistry providers) =>
        TypedResults.Ok(new ProviderListResponse([.. providers.All.Select(ProviderResponse.From)]));
}
