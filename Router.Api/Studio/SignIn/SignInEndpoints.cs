using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Router.Api.Studio;

/// <summary>The forms of the sign-in page: plain posts with an antiforgery token, so that they work before any script has loaded.</summary>
internal static class SignInEndpoints
{
    public const string RateLimit = "studio-sign-in";

    /// <summary>Keys are too long to guess; this keeps the log readable and a mistake cheap.</summary>
    public const int AttemptsPerMinute = 30;

    private const int LongestKey = 512;

    public static void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost("/studio/sign-in", SignInAsync).RequireRateLimiting(RateLimit).ExcludeFromDescription();
        endpoints.MapPost("/studio/sign-out", SignOutAsync).ExcludeFromDescription();
        endpoints.MapGet("/studio/sign-in/oidc", Challenge).ExcludeFromDescription();
    }

    private static async Task<RedirectHttpResult> SignInAsync(HttpContext http, StudioAuthentication users, [FromForm] string? key, [FromForm(Name = "return")] string? back)
    {
        if (key is null or { Length: 0 or > LongestKey } || users.SignIn(key) is not { } user)
            return TypedResults.LocalRedirect($"/studio/sign-in?failed=key&return={Uri.EscapeDataString(Local(back))}");
        await http.SignInAsync(StudioAuthentication.Scheme, user.ToPrincipal());
        return TypedResults.LocalRedirect(Local(back));
    }

    private static async Task<RedirectHttpResult> SignOutAsync(HttpContext http, [FromForm] string? unused)
    {
        await http.SignOutAsync(StudioAuthentication.Scheme);
        return TypedResults.LocalRedirect("/studio/sign-in");
    }

    private static async Task<Results<ChallengeHttpResult, NotFound>> Challenge(IAuthenticationSchemeProvider schemes, [FromQuery(Name = "return")] string? back) =>
        await schemes.GetSchemeAsync(OpenIdConnectSignIn.Scheme) is null
            ? TypedResults.NotFound()
            : TypedResults.Challenge(new AuthenticationProperties { RedirectUri = Local(back) }, [OpenIdConnectSignIn.Scheme]);

    /// <summary>A page of the Studio, never another site.</summary>
    public static string Local(string? path) =>
        path is { Length: < 512 } && path.StartsWith("/studio", StringComparison.Ordinal) && !path.Contains("//", StringComparison.Ordinal) && !path.Contains('\\', StringComparison.Ordinal)
        && !path.StartsWith("/studio/sign-in", StringComparison.Ordinal) && !path.Any(char.IsControl)
            ? path
            : "/studio";
}
