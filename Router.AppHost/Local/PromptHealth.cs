using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Router.AppHost.Local;

/// <summary>
/// Health checks that ask again at once while something is starting: Aspire itself asks after 1, 3, 6, 10, 15 s, so that whoever waits
/// loses up to five.
/// </summary>
internal static class PromptHealth
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(50);

    // No proxy: health is asked on loopback, whatever the developer's environment says about the outside.
    private static readonly HttpClient s_client = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(5) };

    public static IResourceBuilder<ProjectResource> WithPromptHealthCheck(this IResourceBuilder<ProjectResource> project, string path)
    {
        var endpoint = project.GetEndpoint("http");
        return project.WithPromptHealthCheck(async cancellationToken =>
        {
            using var response = await s_client.GetAsync(new Uri(new Uri(endpoint.Url), path), cancellationToken);
            response.EnsureSuccessStatusCode();
        });
    }

    /// <param name="ask">Throws while there is no answer.</param>
    public static IResourceBuilder<T> WithPromptHealthCheck<T>(this IResourceBuilder<T> resource, Func<CancellationToken, Task> ask)
        where T : IResource
    {
        var key = resource.Resource.Name + "_check";
        resource.ApplicationBuilder.Services.AddHealthChecks().AddAsyncCheck(key, cancellationToken => CheckAsync(ask, cancellationToken));
        return resource.WithHealthCheck(key);
    }

    private static async Task<HealthCheckResult> CheckAsync(Func<CancellationToken, Task> ask, CancellationToken cancellationToken)
    {
        for (var started = TimeProvider.System.GetTimestamp(); ;)
        {
            try
            {
                await ask(cancellationToken);
                return HealthCheckResult.Healthy();
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                if (TimeProvider.System.GetElapsedTime(started) > s_patience) return HealthCheckResult.Unhealthy(e.Message, e);
                await Task.Delay(s_pause, cancellationToken);
            }
        }
    }
}
