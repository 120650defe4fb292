using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Router.Simulator.Keys;

namespace Router.Simulator.Journal;

internal static class JournalView
{
    private static readonly string[] Secrets = ["authorization", "x-api-key", "x-goog-api-key", "cookie"];

    public static JsonObject Of(JournalEntry entry) => new()
    {
        ["sequence"] = entry.Sequence,
        ["provider"] = entry.Provider,
        ["dialect"] = entry.Dialect,
        ["method"] = entry.Method,
        ["path"] = entry.Path,
        ["protocol"] = entry.Protocol,
        ["key"] = entry.Key,
        ["headers"] = new JsonObject(entry.Headers.Select(h => KeyValuePair.Create(h.Key, (JsonNode?)h.Value))),
        ["body"] = entry.Body is null ? null : Encoding.UTF8.GetString(entry.Body),
        ["bodyBase64"] = entry.Body is null ? null : Convert.ToBase64String(entry.Body),
        ["startedAt"] = entry.StartedAt,
        ["status"] = entry.Status,
        ["chunksSent"] = entry.ChunksSent,
        ["completed"] = entry.Completed,
        ["clientGone"] = entry.ClientGone,
        ["endedAt"] = entry.EndedAt,
        ["usage"] = entry.Usage is { } usage
            ? new JsonObject { ["input"] = usage.Input, ["cached"] = usage.Cached, ["output"] = usage.Output, ["reasoning"] = usage.Reasoning, ["told"] = entry.UsageTold }
            : null,
    };

    public static Dictionary<string, string> SafeHeaders(HttpRequest request) => request.Headers
        .Where(h => !Secrets.Contains(h.Key, StringComparer.OrdinalIgnoreCase))
        .ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase);

    /// <summary>A simulator's key is no secret; any other key might be a real one and is shown as a hash.</summary>
    public static string? SafeKey(string? key) => key is null || KeyPersona.IsSimulated(key)
        ? key
        : Hash(key);

    public static string Hash(string key) => $"sha256:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)))[..16]}";
}
