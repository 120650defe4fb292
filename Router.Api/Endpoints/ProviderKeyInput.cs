using System.Diagnostics.CodeAnalysis;
using Router.Core.Keys;

namespace Router.Api.Endpoints;

/// <summary>Makes a pasted key fit for a header, or says why it cannot be.</summary>
internal static class ProviderKeyInput
{
    private const int MaxLength = 4096;

    /// <param name="problem">For a person; quotes nothing of the key.</param>
    public static bool TryClean(Secret? pasted, [NotNullWhen(true)] out Secret? key, [NotNullWhen(false)] out string? problem)
    {
        key = null;
        var text = pasted?.Reveal().Trim() ?? "";
        problem = text switch
        {
            "" => "Paste the provider's API key.",
            { Length: > MaxLength } => $"An API key has at most {MaxLength} characters.",
            _ when text.Any(char.IsControl) => "The key holds a line break or another control character. Copy it again, alone.",
            _ when text.Any(character => character is < '!' or > '~') => "The key holds a space or a character no API key has. Copy it again, alone.",
            _ => null,
        };
        if (problem is not null)
            return false;
        key = new Secret(text);
        return true;
    }
}
