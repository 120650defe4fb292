namespace Router.Api.Studio;

/// <summary>
/// Stands in for the Studio in a native API, which can have none: Razor components are compiled while they run. An API built the ordinary
/// way serves it beside this one.
/// </summary>
public static class NoStudio
{
    private const string Answer = "This API is built ahead of time and has no Studio. An API built the ordinary way has one; see docs/operations.md.\n";

    public static IServiceCollection AddStudio(this IServiceCollection services, IConfiguration configuration) => services;

    public static WebApplication UseStudio(this WebApplication app) => app;

    public static WebApplication MapStudio(this WebApplication app)
    {
        foreach (string path in (string[])["/", "/studio/{**path}"])
        {
            app.MapGet(path, () => TypedResults.Text(Answer, statusCode: StatusCodes.Status404NotFound)).ExcludeFromDescription();
        }

        return app;
    }
}
