using System.Collections.Immutable;
using System.Text.Json;
using Router.Core.Failures;
using Router.Core.Keys;
using Router.Core.Wire;

namespace Router.Core.Providers.Gemini;

/// <summary>
/// Google's error: alone, in a list, or nothing of the kind at all. Members that are not there are empty.
/// </summary>
/// <param name="Word">The canonical status, such as <c>RESOURCE_EXHAUSTED</c>; a code that is text stands here too.</param>
/// <param name="Code">The HTTP status the body names.</param>
/// <param name="Reasons">Of the ErrorInfo details.</param>
/// <param name="Quotas">The ids of the quotas that were exceeded.</param>
/// <param name="RetryDelay">Of the RetryInfo detail.</param>
internal sealed record GeminiErrorBody(string Message, string Word, int? Code, ImmutableArray<string> Reasons, ImmutableArray<string> Quotas, TimeSpan? RetryDelay)
{
    private const int LongestMessage = 4_000;

    private static readonly GeminiErrorBody Nothing = new("", "", null, [], [], null);

    public static GeminiErrorBody Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(JsonUnicode.Mend(body), JsonDepth.Document);
            return Find(document.RootElement) is { } error ? Read(error) : Nothing;
        }
        catch (JsonException)
        {
            return Nothing;
        }
    }

    /// <summary>What a caller at fault gets to see, in OpenAI's terms: the provider's words, never a key.</summary>
    public UpstreamError ForCaller(Secret? key) => UpstreamErrorGate.Pass(
        new UpstreamError(
            Message.Length == 0 ? "The provider refused the request without saying why." : Message,
            "invalid_request_error",
            IsTooLong ? "context_length_exceeded" : "invalid_request",
            null),
        [key]);

    private bool IsTooLong =>
        Message.Contains("token count", StringComparison.OrdinalIgnoreCase) && Message.Contains("exceeds", StringComparison.OrdinalIgnoreCase);

    /// <summary>The <c>error</c> object of a body, or of the first item of a list that has one.</summary>
    private static JsonElement? Find(JsonElement root) =>
        root.ValueKind == JsonValueKind.Array
            ? root.EnumerateArray().Select(Find).FirstOrDefault(found => found is not null)
            : GeminiJson.Member(root, "error") is { ValueKind: JsonValueKind.Object or JsonValueKind.String } error ? error : null;

    private static GeminiErrorBody Read(JsonElement error)
    {
        string message = error.ValueKind == JsonValueKind.String ? error.GetString()! : GeminiJson.Text(error, "message") ?? "";
        JsonElement[] details = [.. GeminiJson.Items(error, "details")];
        return new GeminiErrorBody(
            message.Length <= LongestMessage ? message : message[..LongestMessage],
            GeminiJson.Text(error, "status") ?? GeminiJson.Text(error, "code") ?? "",
            GeminiJson.Number(error, "code") is >= 100 and < 600 and { } code ? (int)code : null,
            [.. details.Select(detail => GeminiJson.Text(detail, "reason")).OfType<string>()],
            [.. details.SelectMany(detail => GeminiJson.Items(detail, "violations")).Select(violation => GeminiJson.Text(violation, "quotaId")).OfType<string>()],
            details.Select(detail => GeminiJson.Text(detail, "retryDelay")).OfType<string>().Select(RetryAfter.Duration).FirstOrDefault(delay => delay is not null));
    }
}
