using Router.Simulator.Keys;
using Router.Simulator.Vendors;
using Router.Simulator.Wire;

namespace Router.Simulator;

/// <summary>Lists of models in the three shapes vendors use.</summary>
internal static class ModelList
{
    public static ListShape Shape(Vendor vendor, string path) =>
        path.Contains("/openai/", StringComparison.Ordinal) ? ListShape.OpenAI : vendor.List;

    public static string All(Exchange exchange)
    {
        var vendor = exchange.Vendor;
        var shape = Shape(vendor, exchange.Path);
        if (exchange.Path.EndsWith("/accounts/fireworks/models", StringComparison.Ordinal))
        {
            var rows = vendor.Models.Select(id => $$"""{"name":{{Json.Text(id)}},"displayName":{{Json.Text(id)}},"state":"READY"}""");
            return $$"""{"models":[{{string.Join(',', rows)}}],"nextPageToken":"","totalSize":{{vendor.Models.Count}}}""";
        }

        var all = string.Join(',', vendor.Models.Select(id => One(vendor, shape, id)));
        return shape switch
        {
            ListShape.Anthropic => $$"""{"data":[{{all}}],"has_more":false,"first_id":{{Json.Text(vendor.Models[0])}},"last_id":{{Json.Text(vendor.Models[^1])}}}""",
            ListShape.Gemini when vendor.IssuesTokens => $$"""{"publisherModels":[{{all}}]}""",
            ListShape.Gemini => $$"""{"models":[{{all}}]}""",
            _ => $$"""{"object":"list","data":[{{all}}]}""",
        };
    }

    public static Task OneAsync(Exchange exchange)
    {
        var id = KeyCheck.Model(exchange) ?? "";
        var known = exchange.Vendor.Models.Any(m => m == id || m.EndsWith($"/{id}", StringComparison.Ordinal));
        return known
            ? exchange.JsonAsync(One(exchange.Vendor, Shape(exchange.Vendor, exchange.Path), id))
            : exchange.FailAsync(exchange.Vendor.Of(Trouble.NoAccess, model: id) with { Status = StatusCodes.Status404NotFound });
    }

    private static string One(Vendor vendor, ListShape shape, string id) => shape switch
    {
        ListShape.Anthropic => $$"""{"type":"model","id":{{Json.Text(id)}},"display_name":{{Json.Text(id)}},"created_at":"2026-01-01T00:00:00Z","max_input_tokens":200000,"max_tokens":64000}""",
        ListShape.Gemini when vendor.IssuesTokens => $$"""{"name":{{Json.Text($"publishers/google/models/{id}")}},"versionId":"default"}""",
        ListShape.Gemini => $$"""{"name":{{Json.Text($"models/{id}")}},"displayName":{{Json.Text(id)}},"inputTokenLimit":1048576,"outputTokenLimit":65536,"supportedGenerationMethods":["generateContent","countTokens"]}""",
        _ => $$"""{"id":{{Json.Text(id)}},"object":"model","created":1700000000,"owned_by":{{Json.Text(vendor.Slug)}}}""",
    };
}
