using System.Security.Cryptography;
using System.Text;

namespace Router.Core.Keys;

/// <summary>
/// A keyed hash of a secret: the same secret has the same fingerprint, and without the key nobody can test a guess.
/// Safe to show, to tag spans with and to keep health under.
/// </summary>
public sealed class SecretFingerprint(byte[] key)
{
    public string Of(Secret secret) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(secret.Reveal())).AsSpan(0, 8));
}
