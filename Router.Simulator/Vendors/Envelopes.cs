using System.Globalization;
using Router.Simulator.Wire;

namespace Router.Simulator.Vendors;

/// <summary>The shapes vendors wrap an error in.</summary>
internal static class Envelopes
{
    public static string OpenAI(Failure f) => f.Raw ??
        $$$"""{"error":{"message":{{{Json.Text(f.Message)}}},"type":{{{Json.Text(f.Type)}}},"param":{{{Json.Text(f.Param)}}},"code":{{{Json.Text(f.Code)}}}}}""";

    public static string Flat(Failure f) => f.Raw ??
        $$"""{"message":{{Json.Text(f.Message)}},"type":{{Json.Text(f.Type)}},"param":{{Json.Text(f.Param)}},"code":{{Json.Text(f.Code)}}}""";

    public static string Fireworks(Failure f) => f.Raw ??
        $$$"""{"error":{"object":"error","type":{{{Json.Text(f.Type)}}},"code":{{{Json.Text(f.Code)}}},"param":{{{Json.Text(f.Param)}}},"message":{{{Json.Text(f.Message)}}}}}""";

    public static string Mistral(Failure f) => f.Raw ??
        $$"""{"object":"error","message":{{Json.Text(f.Message)}},"type":{{Json.Text(f.Type)}},"param":{{Json.Text(f.Param)}},"code":{{Json.Text(f.Code)}},"raw_status_code":{{Number(f.Status)}}}""";

    public static string Xai(Failure f) => f.Raw ?? $$"""{"code":{{Json.Text(f.Code)}},"error":{{Json.Text(f.Message)}}}""";

    public static string Anthropic(Failure f) => f.Raw ??
        $$"""{"type":"error","error":{"type":{{Json.Text(f.Type)}},"message":{{Json.Text(f.Message)}}},"request_id":{{Json.Text(Ids.Next("req_", 24))}}}""";

    public static string Google(Failure f)
    {
        if (f.Raw is not null)
            return f.Raw;
        List<string> details = [];
        if (f.Code is not null)
        {
            details.Add($$"""{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":{{Json.Text(f.Code)}},"domain":"googleapis.com"}""");
        }

        if (f.RetryAfterSeconds is { } seconds)
        {
            details.Add("""{"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaMetric":"generativelanguage.googleapis.com/generate_content_requests","quotaId":"GenerateRequestsPerMinutePerProjectPerModel"}]}""");
            details.Add($$"""{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"{{Number(seconds)}}s"}""");
        }

        var tail = details.Count == 0 ? "" : $""","details":[{string.Join(',', details)}]""";
        return $$$"""{"error":{"code":{{{Number(f.Status)}}},"message":{{{Json.Text(f.Message)}}},"status":{{{Json.Text(f.Type)}}}{{{tail}}}}}""";
    }

    public static string CerebrasStream(Failure f) =>
        $$"""{"error":{"message":{{Json.Text(f.Message)}},"type":{{Json.Text(f.Type)}},"param":null,"code":{{Json.Text(f.Code)}},"id":""},"status_code":{{Number(f.Status)}}}""";

    /// <summary>Mistral ends a broken stream with a finish reason of its own.</summary>
    public static string MistralStream(Failure f) =>
        $$"""{"id":{{Json.Text(Ids.Next("", 32))}},"object":"chat.completion.chunk","created":1700000000,"model":"simulated","choices":[{"index":0,"delta":{"content":""},"finish_reason":"error"}]}""";

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
