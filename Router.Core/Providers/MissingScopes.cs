using System.Collections.Frozen;
using System.Text;
using System.Text.RegularExpressions;

namespace Router.Core.Providers;

/// <summary>
/// The permissions a provider says a key lacks. What it wrote is foreign text: only names made of words that OpenAI's permissions are made
/// of pass, so that nothing of a key can.
/// </summary>
internal static partial class MissingScopes
{
    private const int Most = 5;

    /// <summary>
    /// Of the names in its reference and in reports (<c>model.request</c>, <c>api.model.read</c>, <c>api.responses.write</c>:
    /// anomalyco/opencode#21928, marcusquinn/aidevops#24564, microsoft/PowerToys#32989).
    /// </summary>
    private static readonly FrozenSet<string> s_words = new[]
    {
        "api", "all", "assistants", "audio", "batch", "batches", "chat", "completions", "embeddings", "evals", "files", "fine_tuning", "images", "model", "models",
        "moderations", "organization", "projects", "read", "realtime", "request", "responses", "threads", "uploads", "vector_stores", "videos", "webhooks", "write",
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <returns>Names with commas between, or nothing.</returns>
    public static string Of(ReadOnlySpan<byte> body) => Of(Encoding.UTF8.GetString(body));

    /// <inheritdoc cref="Of(ReadOnlySpan{byte})"/>
    public static string Of(string text)
    {
        // A message that is escaped for JSON is none that names scopes.
        Match named = Named().Match(text);
        return named.Success ? string.Join(", ", named.Groups["scope"].Captures.Select(scope => scope.Value).Where(scope => scope.Split('.').All(s_words.Contains)).Take(Most)) : "";
    }

    [GeneratedRegex(@"[Mm]issing scopes?: ?(?<scope>[a-z_]{2,24}(?:\.[a-z_]{2,24}){1,3})(?:, ?(?<scope>[a-z_]{2,24}(?:\.[a-z_]{2,24}){1,3}))*(?![A-Za-z0-9_-])", RegexOptions.CultureInvariant)]
    private static partial Regex Named();
}
