using System.Text.Json;
using Router.Core.Chat;
using Router.Core.Failures;
using Router.Core.Routing;
using Router.Core.Wire;

namespace Router.Api.Dialects.OpenAI;

/// <summary>Writes the <c>metadata</c> object: one entry per upstream request and per key not tried, in order.</summary>
internal static class MetadataWriter
{
    public static byte[] Write(RouteRequest request) => JsonText.Write(request, Write);

    /// <summary>As <see cref="Write(RouteRequest)"/>, at the beginning of an array of <see cref="SharedBytes"/>.</summary>
    public static (byte[] Shared, int Length) WriteShared(RouteRequest request) => JsonText.WriteShared(request, Write);

    private static void Write(Utf8JsonWriter writer, RouteRequest request)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("attempts");
        foreach (AttemptRecord attempt in request.Attempts)
        {
            WriteAttempt(writer, attempt);
        }

        writer.WriteEndArray();
        writer.WriteString("generation_id", request.GenerationId);
        writer.WriteString("reasoning", request.Plan?.Reasoning);
        WriteRouter(writer, request);
        writer.WriteStartArray("warnings");
        foreach (string warning in request.Warnings)
        {
            writer.WriteStringValue(warning);
        }

        int malformed = 0;
        foreach (AttemptRecord attempt in request.Attempts)
        {
            malformed += attempt.MalformedLines;
        }

        if (malformed > 0)
        {
            writer.WriteStringValue($"The provider sent {malformed} malformed stream line(s), left out here.");
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>Which saved router, route and variant the request was served by; nothing where there was none.</summary>
    public static void WriteRouter(Utf8JsonWriter writer, RouteRequest request)
    {
        if (request.SavedRouter is { } router)
        {
            writer.WriteStartObject("router");
            writer.WriteString("name", router.Name);
            writer.WriteString("route", router.Route);
            writer.WriteString("variant", router.Variant);
            writer.WriteEndObject();
        }
    }

    public static string Name(CredentialType type) => type == CredentialType.Byok ? "byok" : "system";

    private static void WriteAttempt(Utf8JsonWriter writer, AttemptRecord attempt)
    {
        writer.WriteStartObject();
        writer.WriteString("credential_type", Name(attempt.Entry.Credential.Type));
        writer.WriteString("model", attempt.Entry.QualifiedModel);
        writer.WriteBoolean("success", attempt.Success);
        if (attempt.Skipped)
        {
            writer.WriteBoolean("skipped", true);
        }

        if (attempt.Error is { } error)
        {
            writer.WriteStartObject("error");
            writer.WriteString("code", FailureConsequences.Code(error.Failure));
            if (error.Status is { } status)
            {
                writer.WriteNumber("status", status);
            }

            writer.WriteString("message", error.Message);
            writer.WriteEndObject();
        }

        if (attempt.TimeToFirstToken is { } first)
        {
            writer.WriteNumber("time_to_first_token_ms", Milliseconds(first));
        }

        if (!attempt.Skipped)
        {
            writer.WriteNumber("duration_ms", Milliseconds(attempt.Duration));
        }

        if (attempt.UpstreamRequestId is { } id)
        {
            writer.WriteString("upstream_request_id", id);
        }

        writer.WriteEndObject();
    }

    private static long Milliseconds(TimeSpan time) => (long)Math.Round(time.TotalMilliseconds);
}
