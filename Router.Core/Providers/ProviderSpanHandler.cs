using System.Diagnostics;
using System.Globalization;
using Router.Core.Telemetry;

namespace Router.Core.Providers;

/// <summary>
/// The span of an HTTP call, by OpenTelemetry's conventions, within a trace that is recorded. The runtime's own handler makes one of
/// every call, recorded or not, and passes each through a state machine more.
/// </summary>
internal sealed class ProviderSpanHandler(HttpMessageHandler inner, bool propagate) : DelegatingHandler(inner)
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (Activity.Current is not { IsAllDataRequested: true })
        {
            Propagate(request);
            return base.SendAsync(request, cancellationToken);
        }

        return SendRecordedAsync(request, cancellationToken);
    }

    private async Task<HttpResponseMessage> SendRecordedAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using Activity? span = RouterTelemetry.Source.StartActivity(request.Method.Method, ActivityKind.Client);
        Propagate(request);
        if (span is null)
        {
            return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        }

        Uri address = request.RequestUri!;
        span.Tag("http.request.method", request.Method.Method);
        span.Tag("server.address", address.Host);
        span.Tag("server.port", address.Port);
        // Without a query: one may hold a key.
        span.Tag("url.full", address.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped));
        try
        {
            HttpResponseMessage response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
            int status = (int)response.StatusCode;
            span.Tag(Tags.HttpStatus, status);
            span.Tag("network.protocol.version", response.Version is { Major: >= 2, Minor: 0 } version ? version.Major.ToString(CultureInfo.InvariantCulture) : response.Version.ToString());
            if (status >= 400)
            {
                span.Tag(Tags.ErrorType, status.ToString(CultureInfo.InvariantCulture));
                span.SetStatus(ActivityStatusCode.Error);
            }

            return response;
        }
        catch (Exception e)
        {
            span.Tag(Tags.ErrorType, e is HttpRequestException { HttpRequestError: not HttpRequestError.Unknown and var error } ? Name(error) : e.GetType().FullName);
            span.SetStatus(ActivityStatusCode.Error);
            throw;
        }
    }

    /// <summary>The convention's form: <c>connection_error</c>.</summary>
    private static string Name(HttpRequestError error) =>
        string.Concat(error.ToString().Select((letter, i) => i > 0 && char.IsUpper(letter) ? $"_{char.ToLowerInvariant(letter)}" : $"{char.ToLowerInvariant(letter)}"));

    /// <summary><c>traceparent</c> and nothing else, where it is wanted: trace state and baggage may hold what is nobody's business out there.</summary>
    private void Propagate(HttpRequestMessage request)
    {
        if (propagate && Activity.Current is { IdFormat: ActivityIdFormat.W3C, Id: { } id })
        {
            request.Headers.TryAddWithoutValidation("traceparent", id);
        }
    }
}
