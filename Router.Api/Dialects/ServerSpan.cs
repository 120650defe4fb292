using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Routing;
using Router.Core.Telemetry;

namespace Router.Api.Dialects;

/// <summary>
/// What the server does not say of its own span: where the request went and how it ended. Done once the answer is complete,
/// which is before the server ends the span.
/// </summary>
internal static class ServerSpan
{
    public static Task Complete(RequestMark mark)
    {
        HttpContext context = mark.Context;
        Activity span = mark.Span;
        string method = span.GetTagItem("http.request.method") as string ?? "HTTP";
        string? route = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText;
        // A path is named by whoever asks; only routes are few.
        span.DisplayName = route is null ? method : $"{method} {route}";
        span.Tag("http.route", route);
        int status = context.Response.StatusCode;
        span.Tag(Tags.HttpStatus, status);
        span.Tag("network.protocol.version", Version(context.Request.Protocol));
        if (status >= 500)
        {
            span.Tag(Tags.ErrorType, status.ToString(CultureInfo.InvariantCulture));
            span.SetStatus(ActivityStatusCode.Error);
        }

        return Task.CompletedTask;
    }

    private static string? Version(string protocol) =>
        HttpProtocol.IsHttp11(protocol) ? "1.1" : HttpProtocol.IsHttp2(protocol) ? "2" : HttpProtocol.IsHttp3(protocol) ? "3" : HttpProtocol.IsHttp10(protocol) ? "1.0" : null;
}
