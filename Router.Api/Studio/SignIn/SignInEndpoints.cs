using System.Globalization;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Router.Core.Keys;

namespace Router.Api.Studio;

/// <summary>The forms of the sign-in page: plain posts with an antiforgery token, so that they work before any script has loaded.</summary>
internal static class SignInEndpoints
{
    private const int LongestKey = 512;

    public static void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost("/studio/sign-in", SignInAsync).ExcludeFromDescription();
        endpoints.MapPost("/studio/sign-out", SignOutAsync).ExcludeFromDescription();
        endpoints.MapGet("/studio/sign-in/oidc", Challenge).ExcludeFromDescription();
    }

    private static async Task<Results<RedirectHttpResult, StatusCodeHttpResult>> SignInAsync(
        HttpContext http, StudioAuthentication users, ISnapshotSource snapshots, [FromForm] string? key, [FromForm(Name = "return")] string? back)
    {
        if (users.SignIn(http, key is { Length: <= LongestKey } ? key : "", out var wait) is not { } user)
        {
            if (wait is { } time)
            {
                http.Response.Headers.RetryAfter = ((long)Math.Ceiling(time.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
                return TypedResults.StatusCode(StatusCodes.Status429TooManyRequests);
            }

            // A router key cannot be told from a wrong one before the stored state was read.
            return Failed(snapshots.Current.IsLoaded ? "key" : "database", back);
        }

        try
        {
            if (StudioUser.From(http.User) is { } before)
                await users.EndAsync(before, http.RequestAborted);
            await http.SignInAsync(StudioAuthentication.Scheme, (await users.BeginAsync(user, http.RequestAborted)).ToPrincipal());
        }
        catch (Exception exception) when (Outage.Is(exception))
        {
            return Failed("database", back);
        }

        return TypedResults.LocalRedirect(Local(back));
    }

    private static RedirectHttpResult Failed(string why, string? back) =>
        TypedResults.LocalRedirect($"/studio/sign-in?failed={why}&return={Uri.EscapeDataString(Local(back))}");

    /// <summary>Ends the session everywhere, then forgets the cookie here. While the first cannot be done neither is, and that is said.</summary>
    private static async Task<Results<RedirectHttpResult, ProblemResult>> SignOutAsync(HttpContext http, StudioAuthentication users, [FromForm] string? unused)
    {
        try
        {
            if (StudioUser.From(http.User) is { } user)
                await users.EndAsync(user, http.RequestAborted);
        }
        catch (Exception exception) when (Outage.Is(exception))
        {
            return StudioPages.Page(
                StatusCodes.Status503ServiceUnavailable, "You are not signed out",
                "The database does not answer, so the session could not be ended: a copy of its cookie would go on working. Go back and sign out again in a moment.");
        }

        await http.SignOutAsync(StudioAuthentication.Scheme);
        return TypedResults.LocalRedirect("/studio/sign-in");
    }

    private static async Task<Results<ChallengeHttpResult, ProblemResult>> Challenge(
        HttpContext http, IAuthenticationSchemeProvider schemes, [FromQuery(Name = "return")] string? back)
    {
        if (await schemes.GetSchemeAsync(OpenIdConnectSignIn.Scheme) is null)
            return StudioPages.Page(StatusCodes.Status404NotFound, "There is no such way to sign in", "No identity provider is configured for this router. Sign in with a key.");
        return await OpenIdConnectSignIn.IsReachableAsync(http)
            ? TypedResults.Challenge(new AuthenticationProperties { RedirectUri = Local(back) }, [OpenIdConnectSignIn.Scheme])
            : StudioPages.Page(
                StatusCodes.Status502BadGateway, "Your organisation's sign-in cannot be reached",
                "The identity provider this router is configured with does not answer as one. Try again in a moment, or sign in with a key.", http);
    }

    /// <summary>A page of the Studio, never another site.</summary>
    public static string Local(string? path) =>
        path is { Length: < 512 } && path.StartsWith("/studio", StringComparison.Ordinal) && !path.Contains("//", StringComparison.Ordinal) && !path.Contains('\\', StringComparison.Ordinal)
        && !path.StartsWith("/studio/sign-in", StringComparison.Ordinal) && !path.Any(char.IsControl)
            ? path
            : "/studio";
}
