using System.Globalization;
using System.Text.Json;
using Router.Core.Chat;
using Router.Core.Failures;
using Router.Core.Wire;

namespace Router.Api.Dialects.OpenAI;

/// <summary>Errors in OpenAI's envelope, with <c>metadata</c> once anything was planned or tried.</summary>
internal static class ErrorWriter
{
    public static async Task WriteAsync(HttpContext context, RouterError error, RouteRequest? request)
    {
        HttpResponse response = context.Response;
        response.StatusCode = error.Status;
        response.ContentType = "application/json";
        if (error.RetryAfter is { } wait)
        {
            response.Headers.RetryAfter = ((long)Math.Ceiling(Math.Max(wait.TotalSeconds, 0))).ToString(CultureInfo.InvariantCulture);
        }

        if (error.Status == 401)
        {
            response.Headers.WWWAuthenticate = "Bearer";
        }

        byte[] body = Body(error, request);
        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body, context.RequestAborted);
    }

    /// <summary>The envelope; also one chunk of a stream that failed after it began.</summary>
    public static byte[] Body(RouterError error, RouteRequest? request) => JsonText.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WritePropertyName("error");
        if (error.Raw is { } raw)
        {
            writer.WriteRawValue(raw.Span, skipInputValidation: true);
        }
        else
        {
            WriteError(writer, error);
        }

        if (request?.Plan is not null)
        {
            writer.WritePropertyName("metadata");
            writer.WriteRawValue(MetadataWriter.Write(request), skipInputValidation: true);
        }

        writer.WriteEndObject();
    });

    /// <summary>A failure after the stream began, told as the error it would have been before.</summary>
    public static RouterError OfStream(Exception error) => error switch
    {
        RouterException router => router.Error,
        ProviderException { TimedOut: true } provider => new RouterError(504, "all_attempts_timed_out", "provider_error", provider.Message),
        ProviderException provider => new RouterError(502, "all_attempts_failed", "provider_error", provider.Message),
        _ => Internal,
    };

    public static RouterError Internal { get; } = new(500, "internal_error", "server_error", "The router failed to process the request. The x-trace-id header finds what happened.");

    private static void WriteError(Utf8JsonWriter writer, RouterError error)
    {
        writer.WriteStartObject();
        writer.WriteString("message", error.Message);
        writer.WriteString("type", error.Type);
        writer.WriteString("code", error.Code);
        writer.WriteString("param", error.Param);
        writer.WriteEndObject();
    }
}
