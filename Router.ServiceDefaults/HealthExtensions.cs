using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Microsoft.Extensions.Hosting;

public static class HealthExtensions
{
    internal const string Readiness = "/health";

    internal const string Liveness = "/alive";

    private const string Live = "live";

    /// <summary>A check that passes while the process answers.</summary>
    public static TBuilder AddDefaultHealthChecks<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        builder.Services.AddHealthChecks().AddCheck("self", () => HealthCheckResult.Healthy(), [Live]);
        return builder;
    }

    /// <summary>
    /// Maps <c>/health</c> (every check: may this instance get traffic) and <c>/alive</c> (is the process worth keeping).
    /// In every environment, because Compose and Kubernetes probe them; the body is one word and tells nothing else.
    /// </summary>
    public static WebApplication MapDefaultEndpoints(this WebApplication app)
    {
        app.MapHealthChecks(Readiness).AllowAnonymous();
        app.MapHealthChecks(Liveness, new HealthCheckOptions { Predicate = check => check.Tags.Contains(Live) }).AllowAnonymous();
        app.MapPrometheus();
        return app;
    }
}
