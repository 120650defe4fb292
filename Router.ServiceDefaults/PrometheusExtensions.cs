using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace Microsoft.Extensions.Hosting;

/// <summary>
/// <c>/metrics</c> for Prometheus to scrape, off unless <c>Router:Telemetry:Prometheus</c> is true. It tells traffic and cost of
/// all workspaces, so it asks for a key: <c>Router:Telemetry:PrometheusKey</c>, else the admin key. <c>PrometheusAnonymous</c> opens it.
/// </summary>
public static class PrometheusExtensions
{
    internal const string Path = "/metrics";

    private const string Setting = "Router:Telemetry:Prometheus";

    internal static bool IsPrometheusOn(this IConfiguration configuration) => configuration.GetValue<bool>(Setting);

    /// <exception cref="InvalidOperationException">It is on, and nothing says who may read it.</exception>
    internal static void MapPrometheus(this WebApplication app)
    {
        if (!app.Configuration.IsPrometheusOn()) return;
        var expected = Expected(app.Configuration);
        app.MapPrometheusScrapingEndpoint(Path, null, pipeline => pipeline.Use(async (context, next) =>
        {
            if (expected is null || IsKnown(context.Request.Headers.Authorization.ToString(), expected))
            {
                await next(context);
                return;
            }

            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            context.Response.Headers.WWWAuthenticate = "Bearer";
        }), null).AllowAnonymous().ExcludeFromDescription();
    }

    /// <returns>The hash of the key; null for anybody.</returns>
    private static byte[]? Expected(IConfiguration configuration)
    {
        if (configuration.GetValue<bool>(Setting + "Anonymous")) return null;
        var key = configuration[Setting + "Key"] is { Length: > 0 } own ? own : configuration["Router:AdminKey"];
        return string.IsNullOrWhiteSpace(key)
            ? throw new InvalidOperationException($"{Setting} is on: set {Setting}Key, which a scraper sends as a bearer token, or {Setting}Anonymous=true.")
            : Hash(key.Trim());
    }

    private static bool IsKnown(string authorization, byte[] expected) =>
        authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)
        && CryptographicOperations.FixedTimeEquals(Hash(authorization["Bearer ".Length..].Trim()), expected);

    private static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
