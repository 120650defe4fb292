using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing.Patterns;

namespace Router.Api.OpenApi;

/// <summary>What is mapped, as OpenAPI names it. Catch-alls and what asked not to be described are left out.</summary>
internal static partial class MappedRoutes
{
    public static IEnumerable<(string Path, string Method)> Of(EndpointDataSource endpoints) =>
        from endpoint in endpoints.Endpoints.OfType<RouteEndpoint>()
        where endpoint.Metadata.GetMetadata<IExcludeFromDescriptionMetadata>() is not { ExcludeFromDescription: true }
            && !endpoint.RoutePattern.Parameters.Any(parameter => parameter.IsCatchAll)
        from method in endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["GET"]
        select (PathOf(endpoint.RoutePattern), method.ToLowerInvariant());

    private static string PathOf(RoutePattern pattern) =>
        "/" + Parameter().Replace(pattern.RawText ?? "", "{$1}").Trim('/');

    /// <summary>A parameter with its constraint, default or question mark.</summary>
    [GeneratedRegex(@"\{(\w+)[^}]*\}")]
    private static partial Regex Parameter();
}
