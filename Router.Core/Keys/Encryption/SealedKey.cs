namespace Router.Core.Keys;

/// <summary>A provider key at rest.</summary>
/// <param name="Ciphertext">The key under its own random data key.</param>
/// <param name="WrappedKey">The data key under the master key.</param>
/// <param name="MasterKeyId">The name of that master key.</param>
public sealed record SealedKey(byte[] Ciphertext, byte[] WrappedKey, string MasterKeyId);
