using Router.Api.Auth;
using Router.Api.Dialects.OpenAI;
using Router.Core.Limits;

namespace Router.Api.Hosting;

/// <summary>What is scraped may ask for the administrator's key, so that it is one more place to guess it at: it counts as the control plane does.</summary>
internal static class ScrapeLimit
{
    public static IApplicationBuilder UseScrapeLimit(this IApplicationBuilder app) => app.UseWhen(
        static http => http.Request.Path.StartsWithSegments("/metrics", StringComparison.OrdinalIgnoreCase) && http.Request.Headers.Authorization.Count > 0,
        static scrapes => scrapes.Use(AskAsync));

    private static async Task AskAsync(HttpContext http, RequestDelegate next)
    {
        var failed = http.RequestServices.GetRequiredService<FailedKeys>();
        if (failed.Wait(KeyDoor.Administration, http.Connection.RemoteIpAddress) is { } wait)
        {
            await ErrorWriter.WriteAsync(http, TooManyKeys.Error(wait), null);
            return;
        }

        await next(http);
        if (http.Response.StatusCode == StatusCodes.Status401Unauthorized)
            failed.Note(KeyDoor.Administration, http.Connection.RemoteIpAddress);
    }
}
