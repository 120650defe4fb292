using Microsoft.AspNetCore.Http.Extensions;
using Router.Api.Endpoints;

namespace Router.Api.Studio;

/// <summary>
/// A person with a browser gets a page whatever happens: no bare status, no JSON, no empty answer. Stands around everything that answers
/// the Studio's addresses, and others that a browser asks for as a page.
/// </summary>
internal static class StudioPages
{
    /// <summary>What clients ask for, and not people.</summary>
    private static readonly string[] Apis = ["/v1", "/v1beta", "/api", "/llm", "/router", "/openapi", "/scalar", "/health", "/alive", "/metrics", "/_blazor"];

    private const string NotFound = "/studio/not-found";

    public static async Task AnswerAsync(HttpContext http, RequestDelegate next)
    {
        if (!IsForPeople(http.Request))
        {
            await next(http);
            return;
        }

        var failed = false;
        try
        {
            // The page that a link within the Studio leads to where there is none, asked for by its own address.
            if (http.Request.Path == NotFound)
                http.Response.StatusCode = StatusCodes.Status404NotFound;
            else
                await next(http);
        }
        catch (Exception exception) when (!http.Response.HasStarted && !http.RequestAborted.IsCancellationRequested)
        {
            failed = true;
            http.Response.StatusCode = exception switch
            {
                BadHttpRequestException bad => bad.StatusCode,
                _ when Outage.Is(exception) => StatusCodes.Status503ServiceUnavailable,
                _ => StatusCodes.Status500InternalServerError,
            };
            if (http.Response.StatusCode == StatusCodes.Status500InternalServerError)
                FallbackEndpoints.LogUnhandled(http, exception);
        }

        if (http.Response is { HasStarted: false, StatusCode: >= 400 } response && (failed || response is { ContentType: null, ContentLength: null or 0 }))
        {
            response.ContentType = null;
            response.ContentLength = null;
            StudioHeaders.Set(response.Headers);
            var (title, text) = Words(response.StatusCode);
            await Page(response.StatusCode, title, text, response.StatusCode >= 500 ? http : null).ExecuteAsync(http);
        }
    }

    /// <param name="again">The request to make again, where that may help.</param>
    public static ProblemResult Page(int status, string title, string text, HttpContext? again = null) =>
        new(status, title, text, again is not null && HttpMethods.IsGet(again.Request.Method) ? again.Request.GetEncodedPathAndQuery() : null);

    private static bool IsForPeople(HttpRequest request) =>
        StudioHeaders.IsStudioPage(request.Path)
        || (HttpMethods.IsGet(request.Method) && request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase)
            && !Apis.Any(api => request.Path.StartsWithSegments(api, StringComparison.OrdinalIgnoreCase)));

    private static (string Title, string Text) Words(int status) => status switch
    {
        StatusCodes.Status400BadRequest => ("That did not work", "The form was too old, or not the Studio's own. Go back, load the page anew and try again."),
        StatusCodes.Status403Forbidden => ("You may not do that", "The request did not come from a page of this Studio."),
        StatusCodes.Status404NotFound => ("There is no such page", "The address may be misspelt, or what was there is gone."),
        StatusCodes.Status405MethodNotAllowed => ("There is no such page", "This address is where a form is sent to. Go back to the page of the form."),
        StatusCodes.Status413PayloadTooLarge => ("That was too much", "The form is larger than the Studio takes."),
        StatusCodes.Status429TooManyRequests => ("Too many tries", "From this address there were too many tries within a minute. Wait a moment."),
        StatusCodes.Status503ServiceUnavailable => ("The database does not answer", Outage.NothingToShow),
        >= 500 => ("The router failed", "It failed for a reason of its own, which its log tells."),
        _ => ("That did not work", "The request could not be read."),
    };
}
