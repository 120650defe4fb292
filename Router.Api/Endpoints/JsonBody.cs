using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http.HttpResults;

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
        try
        {
            var body = await JsonSerializer.DeserializeAsync(request.Body, type, cancellationToken);
            return body is null ? (null, Problems.Invalid("body", "The body must be a JSON object.")) : (body, null);
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
