using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Router.Api.OpenApi;

/// <summary>
/// The API's description: what ASP.NET knows of the typed endpoints, every other mapped route, and over both the written
/// part, api-description.json. Made on the first request for it and kept; starting costs nothing.
/// </summary>
internal sealed class ApiDescription(
    [FromKeyedServices(ApiDescription.Name)] IOpenApiDocumentProvider documents, EndpointDataSource endpoints)
{
    public const string Name = "v1";

    private byte[]? _json;

    public async Task<byte[]> GetAsync(CancellationToken cancellationToken) => _json ??= await MakeAsync(cancellationToken);

    private async Task<byte[]> MakeAsync(CancellationToken cancellationToken)
    {
        var document = await documents.GetOpenApiDocumentAsync(cancellationToken);
        using var stream = new MemoryStream();
        await document.SerializeAsJsonAsync(stream, OpenApiSpecVersion.OpenApi3_1, cancellationToken);
        var description = JsonNode.Parse(stream.GetBuffer().AsSpan(0, (int)stream.Length), documentOptions: Core.Wire.JsonDepth.Document)!.AsObject();
        // Without servers the description holds for whatever address it was read from.
        description.Remove("servers");
        var paths = description["paths"]!.AsObject();
        foreach (var (path, method) in MappedRoutes.Of(endpoints))
        {
            if (paths[path] is not JsonObject item)
                paths[path] = item = [];
            item[method] ??= JsonNode.Parse("""{"responses":{"200":{"description":"OK"}}}""");
        }

        var written = Written();
        var unmapped = written["paths"]!.AsObject().Select(path => path.Key).Where(path => !paths.ContainsKey(path)).ToArray();
        foreach (var path in unmapped)
            written["paths"]!.AsObject().Remove(path);
        Merge(description, written);
        return Encoding.UTF8.GetBytes(description.ToJsonString());
    }

    /// <summary>Lays one object over another as a merge patch: objects merge, null removes, everything else is replaced.</summary>
    private static void Merge(JsonObject target, JsonObject over)
    {
        foreach (var (name, value) in over)
        {
            if (value is null)
                target.Remove(name);
            else if (value is JsonObject inner && target[name] is JsonObject existing && !inner.ContainsKey("$ref"))
                Merge(existing, inner);
            else
                target[name] = value.DeepClone();
        }
    }

    private static JsonObject Written()
    {
        using var stream = typeof(ApiDescription).Assembly.GetManifestResourceStream("api-description.json")!;
        return JsonNode.Parse(stream, documentOptions: Core.Wire.JsonDepth.Document)!.AsObject();
    }
}
