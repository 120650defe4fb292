using System.Security.Cryptography;
using System.Text;

namespace Router.Core.Keys;

/// <summary>
/// A name for a key that is safe to show, log and tag spans with: an HMAC, so that nobody without a master key can test
/// guesses against it. Its HMAC key derives from the last master key of the ring, so fingerprints agree between replicas
/// and need no stored state. Putting keys in front leaves them alone; what changes the last key, as the first and the last
/// step of a rotation do, changes the fingerprints of what is saved or sent from then on. Stored ones stay as they are.
/// </summary>
public sealed class KeyFingerprint(MasterKeyRing ring)
{
    private volatile Derived _derived = Derived.From(ring.Oldest);

    /// <returns>16 lower-case hexadecimal digits.</returns>
    public string Of(Secret secret)
    {
        var derived = _derived;
        if (!ReferenceEquals(derived.Oldest, ring.Oldest))
            _derived = derived = Derived.From(ring.Oldest);
        var bytes = Encoding.UTF8.GetBytes(secret.Reveal());
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(derived.Key, bytes, hash);
        CryptographicOperations.ZeroMemory(bytes);
        return Convert.ToHexStringLower(hash[..8]);
    }

    private sealed record Derived(MasterKey Oldest, byte[] Key)
    {
        public static Derived From(MasterKey oldest) =>
            new(oldest, HKDF.DeriveKey(HashAlgorithmName.SHA256, oldest.Bytes.ToArray(), 32, salt: [], "router/fingerprint/v1"u8.ToArray()));
    }
}
