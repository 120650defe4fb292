using System.Text.RegularExpressions;

namespace Router.AppHost.Development;

/// <summary>What a program said, for a person at a console.</summary>
internal static partial class ProgramLog
{
    /// <summary>The lines without stack traces, colours, and what the orchestrator puts before and around them.</summary>
    public static IEnumerable<string> Essence(IEnumerable<string> lines) => lines
        .Select(line => Exception().Replace(TimeStamp().Replace(Colours().Replace(line.TrimEnd(), ""), ""), ""))
        .Where(line => line.Length > 0 && !IsStackTrace(line.AsSpan().TrimStart()) && !line.StartsWith("Failed to create resource ", StringComparison.Ordinal));

    private static bool IsStackTrace(ReadOnlySpan<char> line) =>
        line.StartsWith("at ", StringComparison.Ordinal) || line.StartsWith("---", StringComparison.Ordinal);

    [GeneratedRegex(@"\x1B\[[0-9;]*m")]
    private static partial Regex Colours();

    [GeneratedRegex(@"^Aspire\.Hosting\.DistributedApplicationException: ")]
    private static partial Regex Exception();

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT[0-9:.]+Z ")]
    private static partial Regex TimeStamp();
}
