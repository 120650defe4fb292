using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Http.Features;
using Router.Api.Hosting;
using Router.Core.Chat;
using Router.Core.Routing;
using Router.Core.Telemetry;

namespace Router.Api.Dialects;

/// <summary>
/// The router's response headers. By <c>x-generation-id</c>, <c>x-trace-id</c> and <c>Server-Timing</c> any answer can be
/// found again, so every answer has them, whoever writes it. Provider headers are not passed on: none is on the allow-list yet.
/// </summary>
internal static class RouterHeaders
{
    /// <summary>Marks each request, and puts the headers on its answer when it starts. First of all middleware.</summary>
    public static IApplicationBuilder UseRouterHeaders(this IApplicationBuilder app)
    {
        Draining? draining = app.ApplicationServices.GetService<Draining>();
        return app.Use((context, next) =>
        {
            if (context.Features.Get<IHttpActivityFeature>()?.Activity is not { } span)
            {
                return WithoutTelemetryAsync(context, next, draining);
            }

            Set(context, span, draining);
            return next(context);
        });
    }

    /// <summary>Where nobody listens the server makes no span, and the request has a trace id all the same: the caller's, or one of its own.</summary>
    private static async Task WithoutTelemetryAsync(HttpContext context, RequestDelegate next, Draining? draining)
    {
        using var span = new Activity("request");
        span.SetIdFormat(ActivityIdFormat.W3C);
        if (ActivityContext.TryParse(context.Request.Headers.TraceParent, null, out ActivityContext caller))
        {
            span.SetParentId(caller.TraceId, caller.SpanId, caller.TraceFlags);
        }

        span.Start();
        Set(context, span, draining);
        await next(context);
    }

    private static void Set(HttpContext context, Activity span, Draining? draining)
    {
        var mark = new RequestMark(context, span, draining);
        context.Features.Set(mark);
        context.Response.OnStarting(static state => Start((RequestMark)state), mark);
    }

    /// <summary>The mark of a request that passed <see cref="UseRouterHeaders"/>.</summary>
    public static RequestMark Mark(HttpContext context) =>
        context.Features.Get<RequestMark>() ?? throw new InvalidOperationException("The request was not marked; put UseRouterHeaders first.");

    private static Task Start(RequestMark mark)
    {
        IHeaderDictionary headers = mark.Context.Response.Headers;
        if (mark.ClosesConnection)
        {
            Draining.CloseAfter(mark.Context);
        }

        headers["x-generation-id"] = mark.GenerationId;
        headers["x-trace-id"] = mark.Span.TraceId.ToHexString();
        if (mark.Span.IsAllDataRequested)
        {
            mark.Span.Retag(Tags.GenerationId, mark.GenerationId);
        }

        if (mark.Limits is { } limits)
        {
            LimitHeaders.Set(headers, limits);
        }

        TimeSpan upstream = mark.Chat is { } chat ? Set(headers, chat) : TimeSpan.Zero;
        headers["Server-Timing"] = Timing(mark.Elapsed - upstream, upstream);
        return Task.CompletedTask;
    }

    /// <summary>Milliseconds with three decimals.</summary>
    internal static string Timing(TimeSpan own, TimeSpan upstream)
    {
        (long mine, long theirs) = (Math.Max((long)own.TotalMicroseconds, 0), (long)upstream.TotalMicroseconds);
        Span<char> text = stackalloc char[80];
        var writer = new TimingText(text);
        writer.Add("router;dur=", mine);
        writer.Add(", upstream;dur=", theirs);
        return writer.ToString();
    }

    /// <summary>Written digit by digit: a custom format for each number costs more than all the rest.</summary>
    private ref struct TimingText(Span<char> text)
    {
        private readonly Span<char> _text = text;
        private int _length;

        public void Add(string name, long microseconds)
        {
            name.CopyTo(_text[_length..]);
            _length += name.Length;
            (microseconds / 1000).TryFormat(_text[_length..], out int whole, provider: CultureInfo.InvariantCulture);
            _length += whole;
            _text[_length++] = '.';
            (microseconds % 1000).TryFormat(_text[_length..], out int fraction, "D3", CultureInfo.InvariantCulture);
            _length += fraction;
        }

        public override readonly string ToString() => _text[.._length].ToString();
    }

    /// <returns>How long providers took until now.</returns>
    private static TimeSpan Set(IHeaderDictionary headers, RouteRequest chat)
    {
        if (chat.Plan is not null)
        {
            headers["x-router-attempts"] = chat.UpstreamRequests.ToString(CultureInfo.InvariantCulture);
        }

        TimeSpan upstream = TimeSpan.Zero;
        foreach (AttemptRecord attempt in chat.Attempts)
        {
            if (!attempt.Skipped)
            {
                headers["x-router-credential-type"] = attempt.Entry.Credential.Type == CredentialType.Byok ? "byok" : "system";
            }

            // While a stream runs its attempt has no duration yet; what counts until the headers is its first update.
            upstream += attempt.Duration > TimeSpan.Zero ? attempt.Duration : attempt.FirstUpdate ?? TimeSpan.Zero;
        }

        return upstream;
    }
}
