using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Router.AppHost.Development;

/// <summary>What a newcomer needs once the API answers: addresses, keys, what is live, and a request to paste.</summary>
internal sealed class Welcome(EndpointReference api, ParameterResource routerKey, ParameterResource adminKey, string? dashboard)
{
    private static readonly HttpClient s_http = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(10) };

    private string? _shown;

    /// <summary>Prints when the first replica is ready, and again when what it says has changed.</summary>
    public async Task ShowAsync(ILogger log, CancellationToken cancellationToken)
    {
        var text = await TextAsync(cancellationToken);
        if (Interlocked.Exchange(ref _shown, text) == text) return;
        await Console.Out.WriteAsync(text.AsMemory(), cancellationToken);
        // "aspire run" hides the console.
        foreach (var line in text.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries)) WelcomeLog.Line(log, line);
    }

    private async Task<string> TextAsync(CancellationToken cancellationToken)
    {
        var key = await routerKey.GetValueAsync(cancellationToken);
        var admin = await adminKey.GetValueAsync(cancellationToken);
        var url = api.Url.TrimEnd('/');
        var (live, simulated) = await AskAsync(url, admin!, cancellationToken);
        var link = dashboard is null ? "" : $"  Dashboard   {dashboard}{Environment.NewLine}";

        return $$$"""

            Router is ready
            {{{link}}}  Studio      {{{url}}}/studio
              API         {{{url}}}   (another port: Router__Port=…)
              Router key  {{{key}}}
              Admin key   {{{admin}}}
              Live        {{{(live.Count == 0 ? "no provider: no system key is configured" : string.Join(", ", live))}}}
              Simulated   {{{(simulated.Count == 0 ? "none" : string.Join(", ", simulated))}}}

            Try it
              curl -s {{{url}}}/v1/chat/completions -H "Authorization: Basic {{{key}}}" -H "Content-Type: application/json" -d '{"model":"openai/gpt-4o","messages":[{"role":"user","content":"Hello"}]}'


            """;
    }

    /// <summary>What the API itself says it will do.</summary>
    private static async Task<(List<string> Live, List<string> Simulated)> AskAsync(string url, string admin, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url + "/api/providers") { Headers = { Authorization = new("Bearer", admin) } };
        // Nobody looks for the trace of this.
        request.Headers.Add("traceparent", $"00-{System.Diagnostics.ActivityTraceId.CreateRandom()}-{System.Diagnostics.ActivitySpanId.CreateRandom()}-00");
        using var response = await s_http.SendAsync(request, cancellationToken);
        response.EnsureSuccessStatusCode();
        using var answer = JsonDocument.Parse(await response.Content.ReadAsStringAsync(cancellationToken));
        List<string> live = [], simulated = [];
        foreach (var provider in answer.RootElement.GetProperty("providers").EnumerateArray())
        {
            var slug = provider.GetProperty("provider").GetString()!;
            if (provider.GetProperty("simulated").GetBoolean())
                simulated.Add(slug);
            else
                live.Add(provider.GetProperty("system_key").GetBoolean() ? slug : slug + " (workspaces' keys only)");
        }

        return (live, simulated);
    }
}

internal static partial class WelcomeLog
{
    /// <summary>Shows the welcome of a developer's run; nobody reads a test's.</summary>
    public static void AddWelcome(
        this IDistributedApplicationBuilder builder, IResourceBuilder<ProjectResource> api, IResourceBuilder<ParameterResource> routerKey, IResourceBuilder<ParameterResource> adminKey)
    {
        if (builder.IsTemporary()) return;
        Console.WriteLine("Router is starting: PostgreSQL, cache, migrations, worker, simulator and API.");
        var welcome = new Welcome(api.GetEndpoint("http"), routerKey.Resource, adminKey.Resource, Dashboard(builder));
        api.OnResourceReady(async (resource, e, cancellationToken) =>
        {
            e.Services.GetRequiredService<StateLock>().Announce(api.GetEndpoint("http").Url);
            await welcome.ShowAsync(e.Services.GetRequiredService<ResourceLoggerService>().GetLogger(resource), cancellationToken);
        });
    }

    [LoggerMessage(1, LogLevel.Information, "{Text}")]
    public static partial void Line(ILogger logger, string text);

    private static string? Dashboard(IDistributedApplicationBuilder builder)
    {
        if (builder.Configuration["ASPNETCORE_URLS"]?.Split(';')[0] is not { Length: > 0 } url) return null;
        return builder.Configuration["AppHost:BrowserToken"] is { Length: > 0 } token ? $"{url.TrimEnd('/')}/login?t={token}" : url;
    }
}
