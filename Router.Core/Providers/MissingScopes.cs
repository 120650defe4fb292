using System.Text;
using System.Text.RegularExpressions;
using Router.Core.Failures;
using Router.Core.Keys;

namespace Router.Core.Providers;

/// <summary>
/// The permissions a provider says a key lacks. What it wrote is foreign text: only words that can be nothing but a scope's name pass,
/// lower-case letters between dots, and none that the key holds.
/// </summary>
internal static partial class MissingScopes
{
    private const int Most = 5;

    /// <returns>Names with commas between, or nothing.</returns>
    public static string Of(ReadOnlySpan<byte> body, Secret? key) => Of(Encoding.UTF8.GetString(body), key);

    /// <inheritdoc cref="Of(ReadOnlySpan{byte}, Secret?)"/>
    public static string Of(string text, Secret? key)
    {
        // A message that is escaped for JSON is none that names scopes.
        Match named = Named().Match(text);
        return named.Success ? string.Join(", ", named.Groups["scope"].Captures.Select(scope => scope.Value).Where(scope => ProviderWords.Token(scope, key) is not null).Take(Most)) : "";
    }

    [GeneratedRegex(@"[Mm]issing scopes?: ?(?<scope>[a-z_]{2,24}(?:\.[a-z_]{2,24}){1,3})(?:, ?(?<scope>[a-z_]{2,24}(?:\.[a-z_]{2,24}){1,3}))*(?![A-Za-z0-9_-])", RegexOptions.CultureInvariant)]
    private static partial Regex Named();
}
