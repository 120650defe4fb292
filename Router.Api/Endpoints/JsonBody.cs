using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http.HttpResults;
using Router.Core.Wire;

namespace Router.Api.Endpoints;

/// <summary>Reads a small JSON body into a typed request, with a problem that names what is wrong and never quotes the body.</summary>
internal static class JsonBody
{
    public const int MaxBytes = 64 * 1024;

    public static async Task<(T? Body, ProblemHttpResult? Problem)> ReadAsync<T>(HttpRequest request, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        if (request.ContentLength > MaxBytes)
            return (null, Problems.TooLarge());
        ReadOnlyMemory<byte> json = default;
        try
        {
            using var text = new MemoryStream();
            await request.Body.CopyToAsync(text, cancellationToken);
            if (text.Length > MaxBytes)
                return (null, Problems.TooLarge());
            json = text.GetBuffer().AsMemory(0, (int)text.Length);
            JsonUnicode.Check(json.Span);
            var body = JsonSerializer.Deserialize(json.Span, type);
            return body is null ? (null, Problems.Invalid("body", "The body must be a JSON object.")) : (body, null);
        }
        catch (JsonObjectException exception)
        {
            return (null, Problems.Invalid("body", exception.Message));
        }
        catch (JsonException) when (JsonDepth.IsExceeded(json.Span))
        {
            return (null, Problems.Invalid("body", $"The body {JsonDepth.Fault}."));
        }
        catch (JsonException exception)
        {
            return (null, Problems.Invalid(exception.Path ?? "body", "The body is not the JSON object this endpoint expects."));
        }
        catch (BadHttpRequestException exception)
        {
            return (null, exception.StatusCode == StatusCodes.Status413PayloadTooLarge
                ? Problems.TooLarge()
                : Problems.Invalid("body", "The body could not be read."));
        }
    }
}
