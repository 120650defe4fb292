using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;

namespace Router.Api.Studio;

/// <summary>
/// Answers with <see cref="ProblemPage"/>. Rendered apart from the request: what went wrong may have been the rendering of another page.
/// </summary>
/// <param name="again">The address to try again, where that may help.</param>
internal sealed class ProblemResult(int status, string title, string text, string? again = null) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        await using var scope = httpContext.RequestServices.GetRequiredService<IServiceScopeFactory>().CreateAsyncScope();
        await using var renderer = new HtmlRenderer(scope.ServiceProvider, scope.ServiceProvider.GetRequiredService<ILoggerFactory>());
        var parameters = ParameterView.FromDictionary(new Dictionary<string, object?>
        {
            [nameof(ProblemPage.Status)] = status,
            [nameof(ProblemPage.Title)] = title,
            [nameof(ProblemPage.Text)] = text,
            [nameof(ProblemPage.Retry)] = again,
        });
        var html = await renderer.Dispatcher.InvokeAsync(async () => (await renderer.RenderComponentAsync<ProblemPage>(parameters)).ToHtmlString());
        httpContext.Response.StatusCode = status;
        httpContext.Response.ContentType = "text/html; charset=utf-8";
        await httpContext.Response.WriteAsync(html, httpContext.RequestAborted);
    }
}
