using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Router.Core.Keys;

/// <summary>
/// Envelope encryption of provider keys: each under its own random data key, that key wrapped by the newest master
/// key. Re-wrapping replaces the outer layer only and never sees the provider key. Safe for concurrent use.
/// </summary>
public sealed class KeyCipher(MasterKeyRing ring)
{
    private const string SecretPurpose = "router/provider-key/secret";
    private const string WrapPurpose = "router/provider-key/data-key/";

    public string NewestMasterKey => ring.Newest.Name;

    public SealedKey Seal(Secret secret, KeyScope scope)
    {
        var dataKey = RandomNumberGenerator.GetBytes(MasterKey.Size);
        var plaintext = Encoding.UTF8.GetBytes(secret.Reveal());
        try
        {
            return new(
                AesGcmBox.Seal(dataKey, plaintext, scope.AssociatedData(SecretPurpose)),
                Wrap(dataKey, scope),
                ring.Newest.Name);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(dataKey);
            CryptographicOperations.ZeroMemory(plaintext);
        }
    }

    /// <summary>False when no configured master key opens it, or it is not what was sealed for this scope.</summary>
    public bool TryOpen(SealedKey sealedKey, KeyScope scope, [NotNullWhen(true)] out Secret? secret)
    {
        secret = null;
        if (Unwrap(sealedKey, scope) is not { } dataKey)
            return false;
        var plaintext = AesGcmBox.TryOpen(dataKey, sealedKey.Ciphertext, scope.AssociatedData(SecretPurpose));
        CryptographicOperations.ZeroMemory(dataKey);
        if (plaintext is null)
            return false;
        secret = new Secret(Encoding.UTF8.GetString(plaintext));
        CryptographicOperations.ZeroMemory(plaintext);
        return true;
    }

    /// <summary>The same key under the newest master key; null when its present master key is not configured.</summary>
    public SealedKey? TryRewrap(SealedKey sealedKey, KeyScope scope)
    {
        if (Unwrap(sealedKey, scope) is not { } dataKey)
            return null;
        var wrapped = Wrap(dataKey, scope);
        CryptographicOperations.ZeroMemory(dataKey);
        return sealedKey with { WrappedKey = wrapped, MasterKeyId = ring.Newest.Name };
    }

    private byte[] Wrap(ReadOnlySpan<byte> dataKey, KeyScope scope) =>
        AesGcmBox.Seal(ring.Newest.Bytes, dataKey, scope.AssociatedData(WrapPurpose + ring.Newest.Name));

    private byte[]? Unwrap(SealedKey sealedKey, KeyScope scope)
    {
        if (!ring.TryFind(sealedKey.MasterKeyId, out var master))
            return null;
        var dataKey = AesGcmBox.TryOpen(master.Bytes, sealedKey.WrappedKey, scope.AssociatedData(WrapPurpose + master.Name));
        return dataKey is { Length: MasterKey.Size } ? dataKey : null;
    }
}
