namespace Router.Api.Studio;

/// <summary>What every answer of the Studio tells the browser it may do: run this origin's scripts, talk to this origin, be framed by nobody.</summary>
internal static class StudioHeaders
{
    /// <summary>The component library sets style attributes, hence the one 'unsafe-inline'; no script is inline.</summary>
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
        + "manifest-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

    /// <summary>An address of the Studio that a person sees in the browser.</summary>
    public static bool IsStudioPage(PathString path) => path.StartsWithSegments("/studio", StringComparison.OrdinalIgnoreCase);

    public static bool IsStudio(HttpContext http) => IsStudioPage(http.Request.Path) || http.Request.Path.StartsWithSegments("/_blazor", StringComparison.OrdinalIgnoreCase);

    public static Task AddAsync(HttpContext http, RequestDelegate next)
    {
        if (IsStudio(http))
        {
            Set(http.Response.Headers);
            if (!IsSameOrigin(http.Request))
            {
                http.Response.StatusCode = StatusCodes.Status403Forbidden;
                return Task.CompletedTask;
            }
        }

        return next(http);
    }

    public static void Set(IHeaderDictionary headers)
    {
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers.CacheControl = "no-cache, no-store";
        headers.Pragma = "no-cache";
    }

    /// <summary>
    /// A web socket carries cookies whatever page opened it; only this origin's pages may. Routes are found in whatever letters, and so is
    /// this one. A program names no origin, and no browser two.
    /// </summary>
    private static bool IsSameOrigin(HttpRequest request) =>
        !request.Path.StartsWithSegments("/_blazor", StringComparison.OrdinalIgnoreCase)
        || request.Headers.Origin.Count == 0
        || (request.Headers.Origin is [{ } origin] && Uri.TryCreate(origin, UriKind.Absolute, out var from) && string.Equals(from.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase));
}
