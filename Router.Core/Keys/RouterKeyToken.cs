using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;

namespace Router.Core.Keys;

/// <summary>
/// A router API key as its holder has it: <c>rk_&lt;id&gt;_&lt;secret&gt;</c>. The id is public and looked up; the secret is
/// compared by hash only. Prints without the secret.
/// </summary>
[DebuggerDisplay("{ToString(),nq}")]
public sealed class RouterKeyToken
{
    public const string Prefix = "rk_";
    public const int MaxLength = 256;
    private const int IdLength = 12;
    private const int SecretLength = 40;
    private const int MinSecretLength = 8;
    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    private readonly string _secret;

    private RouterKeyToken(string id, string secret) => (Id, _secret) = (id, secret);

    public string Id { get; }

    /// <summary>A new key: 71 bits of id, 238 bits of secret. <c>GetString</c> draws without modulo bias.</summary>
    public static RouterKeyToken Generate() =>
        new(RandomNumberGenerator.GetString(Alphabet, IdLength), RandomNumberGenerator.GetString(Alphabet, SecretLength));

    /// <summary>Reads <c>rk_&lt;id&gt;_&lt;secret&gt;</c>; null for anything else. Never throws.</summary>
    public static RouterKeyToken? TryParse(ReadOnlySpan<char> text)
    {
        if (text.Length > MaxLength || !text.StartsWith(Prefix, StringComparison.Ordinal))
            return null;
        text = text[Prefix.Length..];
        var underscore = text.IndexOf('_');
        return underscore < 0 ? null : FromParts(text[..underscore], text[(underscore + 1)..]);
    }

    /// <summary>Reads <c>id:secret</c>, the id with or without the prefix; null for anything else. Never throws.</summary>
    public static RouterKeyToken? TryParsePair(ReadOnlySpan<char> text)
    {
        var colon = text.IndexOf(':');
        if (text.Length > MaxLength || colon < 0)
            return null;
        var id = text[..colon];
        return FromParts(id.StartsWith(Prefix, StringComparison.Ordinal) ? id[Prefix.Length..] : id, text[(colon + 1)..]);
    }

    /// <summary>SHA-256 of the secret part: what is stored. The secret is random and long, so no slow hash is needed.</summary>
    public byte[] Hash()
    {
        var hash = new byte[SHA256.HashSizeInBytes];
        HashTo(hash);
        return hash;
    }

    public void HashTo(Span<byte> destination)
    {
        Span<byte> bytes = stackalloc byte[MaxLength];
        var length = Encoding.ASCII.GetBytes(_secret, bytes);
        SHA256.HashData(bytes[..length], destination);
        CryptographicOperations.ZeroMemory(bytes);
    }

    /// <summary>The whole token, for the one answer that shows it.</summary>
    public string Reveal() => $"{Prefix}{Id}_{_secret}";

    public override string ToString() => $"{Prefix}{Id}_***";

    private static RouterKeyToken? FromParts(ReadOnlySpan<char> id, ReadOnlySpan<char> secret) =>
        id.IsEmpty || secret.Length < MinSecretLength || !IsPlain(id) || !IsPlain(secret) ? null : new(id.ToString(), secret.ToString());

    private static bool IsPlain(ReadOnlySpan<char> text)
    {
        foreach (var character in text)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character is not ('-' or '_'))
                return false;
        }

        return true;
    }
}
