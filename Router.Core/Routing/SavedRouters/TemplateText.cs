using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.RegularExpressions;

namespace Router.Core.Routing.SavedRouters;

/// <summary>A text with <c>{{variables}}</c>. Braces around anything but a name are text.</summary>
public sealed partial class TemplateText
{
    private readonly ImmutableArray<(string Text, string? Variable)> _parts;

    public TemplateText(string source)
    {
        Source = source;
        var parts = ImmutableArray.CreateBuilder<(string, string?)>();
        int copied = 0;
        foreach (Match match in Variable().Matches(source))
        {
            parts.Add((source[copied..match.Index], match.Groups[1].Value));
            copied = match.Index + match.Length;
        }

        parts.Add((source[copied..], null));
        _parts = parts.ToImmutable();
    }

    /// <summary>As it was written.</summary>
    public string Source { get; }

    /// <param name="find">A variable's value; null where there is none.</param>
    /// <param name="left">How many characters may still be written; negative afterwards: it would have been more, and the text is cut.</param>
    /// <param name="missing">The first variable without a value.</param>
    public bool TryRender(Func<string, string?> find, ref long left, [NotNullWhen(true)] out string? text, [NotNullWhen(false)] out string? missing)
    {
        var result = new StringBuilder(Source.Length);
        left -= Source.Length;
        foreach ((string before, string? variable) in _parts)
        {
            result.Append(before);
            if (variable is null)
            {
                continue;
            }

            if (find(variable) is not { } value)
            {
                (text, missing) = (null, variable);
                return false;
            }

            left -= value.Length;
            if (left < 0)
            {
                break;
            }

            result.Append(value);
        }

        (text, missing) = (result.ToString(), null);
        return true;
    }

    [GeneratedRegex(@"\{\{\s*([A-Za-z_][A-Za-z0-9_.-]{0,127})\s*\}\}")]
    private static partial Regex Variable();
}
