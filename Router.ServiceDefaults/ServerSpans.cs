using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace Microsoft.Extensions.Hosting;

/// <summary>
/// Describes the server's spans, by OpenTelemetry's conventions, where they are recorded. The server can do so itself, and does it for
/// every request, though most of a busy router's are not. Before all middleware of the application.
/// </summary>
internal sealed class ServerSpans : IStartupFilter
{
    private const string UnknownMethod = "_OTHER";
    private const int Longest = 256;

    private static readonly string[] s_methods = [HttpMethods.Connect, HttpMethods.Delete, HttpMethods.Get, HttpMethods.Head, HttpMethods.Options, HttpMethods.Patch, HttpMethods.Post, HttpMethods.Put, HttpMethods.Trace];

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(static (context, next) =>
        {
            if (context.Features.Get<IHttpActivityFeature>()?.Activity is { IsAllDataRequested: true } span) Begin(context, span);
            return next(context);
        });
        next(app);
    };

    private static void Begin(HttpContext context, Activity span)
    {
        var request = context.Request;
        if (IsProbe(request.Path))
        {
            // Probes come every few seconds for ever; a trace of each says nothing. Unrecorded, a span takes what is below it along.
            span.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
            span.IsAllDataRequested = false;
            return;
        }

        var method = Array.Find(s_methods, known => HttpMethods.Equals(known, request.Method)) ?? UnknownMethod;
        span.AddTag("http.request.method", method);
        if (method != request.Method) span.AddTag("http.request.method_original", Plain(request.Method));
        span.AddTag("url.scheme", request.Scheme);
        span.AddTag("url.path", Plain(request.PathBase.Add(request.Path).ToUriComponent()));
        if (request.Host.HasValue)
        {
            span.AddTag("server.address", Plain(request.Host.Host));
            span.AddTag("server.port", request.Host.Port ?? (request.IsHttps ? 443 : 80));
        }

        if (request.Headers.UserAgent is { Count: > 0 } agent) span.AddTag("user_agent.original", Plain(agent.ToString()));

        // Once the answer is complete, which is before the server ends the span.
        context.Response.OnCompleted(() => End(context, span, method));
    }

    private static Task End(HttpContext context, Activity span, string method)
    {
        var route = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText;
        // A path is named by whoever asks, and so is a method; only routes and known methods are few.
        var name = method == UnknownMethod ? "HTTP" : method;
        span.DisplayName = route is null ? name : $"{name} {route}";
        if (route is not null) span.AddTag("http.route", route);
        var status = context.Response.StatusCode;
        span.AddTag("http.response.status_code", status);
        if (Version(context.Request.Protocol) is { } version) span.AddTag("network.protocol.version", version);
        if (status >= 500)
        {
            span.AddTag("error.type", status.ToString(CultureInfo.InvariantCulture));
            span.SetStatus(ActivityStatusCode.Error);
        }

        return Task.CompletedTask;
    }

    /// <summary>What a caller wrote, bounded, and with nothing in it that could end or turn round a line.</summary>
    private static string Plain(string text) =>
        text.Length <= Longest && !text.AsSpan().ContainsAnyExceptInRange(' ', '~')
            ? text
            : string.Create(Math.Min(text.Length, Longest), text, static (span, from) =>
            {
                for (var i = 0; i < span.Length; i++) span[i] = from[i] is >= ' ' and <= '~' ? from[i] : '?';
            });

    private static string? Version(string protocol) =>
        HttpProtocol.IsHttp11(protocol) ? "1.1" : HttpProtocol.IsHttp2(protocol) ? "2" : HttpProtocol.IsHttp3(protocol) ? "3" : HttpProtocol.IsHttp10(protocol) ? "1.0" : null;

    private static bool IsProbe(PathString path) =>
        path.StartsWithSegments(HealthExtensions.Readiness, StringComparison.Ordinal)
        || path.StartsWithSegments(HealthExtensions.Liveness, StringComparison.Ordinal)
        || path.StartsWithSegments(PrometheusExtensions.Path, StringComparison.Ordinal);
}
