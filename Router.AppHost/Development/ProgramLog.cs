using System.Text.RegularExpressions;

namespace Router.AppHost.Development;

/// <summary>What a program said, for a person at a console.</summary>
internal static partial class ProgramLog
{
    /// <summary>
    /// What it logged as an error, where it did; else its lines. Without stack traces, colours, and what the orchestrator puts before and around them.
    /// </summary>
    public static IReadOnlyList<string> Essence(IEnumerable<string> lines)
    {
        List<string> all = [.. lines.Select(Strip).Where(line => line.Length > 0 && !IsNoise(line))];
        var errors = Errors(all);
        return errors.Count > 0 ? errors : all;
    }

    /// <summary>The messages of entries that are errors: the lines below their head, up to an exception's.</summary>
    private static List<string> Errors(List<string> lines)
    {
        List<string> errors = [];
        var within = false;
        foreach (var line in lines)
        {
            if (Head().Match(line) is { Success: true } head)
                within = head.Groups[1].Value is "fail" or "crit";
            else if (within && !ExceptionHead().IsMatch(line))
                errors.Add(line.TrimStart());
        }

        return errors;
    }

    private static string Strip(string line) => AspireException().Replace(TimeStamp().Replace(Colours().Replace(line.TrimEnd(), ""), ""), "");

    private static bool IsNoise(string line)
    {
        var text = line.AsSpan().TrimStart();
        return text.StartsWith("at ", StringComparison.Ordinal) || text.StartsWith("---", StringComparison.Ordinal)
            || line.StartsWith("Failed to create resource ", StringComparison.Ordinal) || line.StartsWith("[sys] ", StringComparison.Ordinal);
    }

    [GeneratedRegex(@"^Aspire\.Hosting\.DistributedApplicationException: ")]
    private static partial Regex AspireException();

    [GeneratedRegex(@"^(trce|dbug|info|warn|fail|crit): \S+\[-?\d+\]$")]
    private static partial Regex Head();

    [GeneratedRegex(@"^\s+[\w.]+Exception( \(0x\w+\))?: ")]
    private static partial Regex ExceptionHead();

    [GeneratedRegex(@"\x1B\[[0-9;]*m")]
    private static partial Regex Colours();

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT[0-9:.]+Z ")]
    private static partial Regex TimeStamp();
}
