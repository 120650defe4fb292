using System.Reflection;
using System.Text.RegularExpressions;

namespace Router.Tests.Signals;

/// <summary>The repository's own documents.</summary>
internal static partial class Documents
{
    private static readonly string s_root = Path.Combine(
        typeof(Documents).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(one => one.Key == "TestProject").Value!, "..", "docs");

    public static string Read(string path) => File.ReadAllText(Path.Combine(s_root, path));

    /// <summary>The cells of the table under a heading, row by row, without its head.</summary>
    public static IEnumerable<string[]> Table(string path, string heading)
    {
        string[] lines = Read(path).Split('\n');
        int start = Array.FindIndex(lines, line => line.TrimStart('#').Trim() == heading && line.StartsWith('#'));
        Assert.True(start >= 0, $"{path} has no heading {heading}.");
        IEnumerable<string> section = lines.Skip(start + 1).TakeWhile(line => !line.StartsWith('#'));
        return section.SkipWhile(line => !line.StartsWith('|')).TakeWhile(line => line.StartsWith('|')).Skip(2)
            .Select(line => Bar().Split(line.Trim()[1..^1]).Select(cell => cell.Trim().Replace("\\|", "|", StringComparison.Ordinal)).ToArray());
    }

    /// <summary>What a cell puts between backquotes.</summary>
    public static IEnumerable<string> Code(string cell) => cell.Split('`').Where((_, i) => i % 2 == 1);

    /// <summary>A bar that ends a cell; one behind a backslash is part of it.</summary>
    [GeneratedRegex(@"(?<!\\)\|")]
    private static partial Regex Bar();
}
