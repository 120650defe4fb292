using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Router.Tests.Signals;

/// <summary>A service with nothing but what every service of the router has, and its metrics to be scraped.</summary>
internal static class PrometheusHost
{
    public static Task<WebApplication> StartAsync(params (string Name, string Value)[] settings) => StartAsync(_ => { }, settings);

    public static async Task<WebApplication> StartAsync(Action<WebApplicationBuilder> add, params (string Name, string Value)[] settings)
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection([new("Router:Telemetry:Prometheus", "true")]);
        builder.Configuration.AddInMemoryCollection(settings.Select(pair => KeyValuePair.Create(pair.Name, (string?)pair.Value)));
        builder.AddServiceDefaults();
        add(builder);
        WebApplication app = builder.Build();
        app.MapDefaultEndpoints();
        await app.StartAsync();
        return app;
    }

    public static async Task<string> ScrapeAsync(WebApplication app, CancellationToken cancellationToken)
    {
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        return await client.GetStringAsync("/metrics", cancellationToken);
    }
}
