using System.Buffers;
using System.Globalization;
using System.Text;

namespace Router.Core.Telemetry;

/// <summary>
/// A text of somebody else's, a caller's or a provider's, as it may stand in a line of a log or in a tag: bounded, and nothing in it
/// ends a line, moves what follows, or is half a character. Methods that log take it where they would take a string.
/// </summary>
public readonly struct Printable(string? text) : IEquatable<Printable>
{
    /// <summary>Longer texts are cut.</summary>
    public const int Longest = 256;

    private const char Replacement = '?';

    private static readonly SearchValues<char> Plain = SearchValues.Create(string.Concat(Enumerable.Range(' ', '~' - ' ' + 1).Select(c => (char)c)));

    private readonly string? _text = Of(text);

    public static implicit operator Printable(string? text) => new(text);

    public static bool operator ==(Printable left, Printable right) => left.Equals(right);

    public static bool operator !=(Printable left, Printable right) => !left.Equals(right);

    /// <summary>The text itself where all of it may stand; null for null.</summary>
    [return: System.Diagnostics.CodeAnalysis.NotNullIfNotNull(nameof(text))]
    public static string? Of(string? text, int longest = Longest)
    {
        if (text is null || (text.Length <= longest && !text.AsSpan().ContainsAnyExcept(Plain)))
        {
            return text;
        }

        var printable = new StringBuilder(Math.Min(text.Length, longest));
        ReadOnlySpan<char> rest = text.AsSpan(0, Math.Min(text.Length, longest));
        while (!rest.IsEmpty)
        {
            OperationStatus status = Rune.DecodeFromUtf16(rest, out Rune rune, out int length);
            if (status == OperationStatus.Done && MayStand(rune))
            {
                printable.Append(rest[..length]);
            }
            else
            {
                printable.Append(Replacement);
            }

            rest = rest[length..];
        }

        return printable.ToString();
    }

    public override string ToString() => _text ?? "";

    public bool Equals(Printable other) => string.Equals(_text, other._text, StringComparison.Ordinal);

    public override bool Equals(object? obj) => obj is Printable other && Equals(other);

    public override int GetHashCode() => _text?.GetHashCode(StringComparison.Ordinal) ?? 0;

    private static bool MayStand(Rune rune) => Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
        && (rune.Value == ' ' || Rune.GetUnicodeCategory(rune) != UnicodeCategory.SpaceSeparator);
}
