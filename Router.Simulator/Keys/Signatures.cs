using System.Security.Cryptography;
using System.Text;

namespace Router.Simulator.Keys;

/// <summary>Opaque provider state bound to the key that received it, as thinking and thought signatures are.</summary>
internal static class Signatures
{
    private const int ProofLength = 16;

    public static string Issue(string key) =>
        Convert.ToBase64String([.. "SimSig01"u8, .. Proof(key), .. Encoding.ASCII.GetBytes(Wire.Ids.Next("", 24))]);

    public static bool WasIssuedTo(string key, string signature)
    {
        var bytes = new byte[signature.Length];
        return Convert.TryFromBase64String(signature, bytes, out var length) && length > 8 + ProofLength
            && bytes.AsSpan(0, 8).SequenceEqual("SimSig01"u8) && bytes.AsSpan(8, ProofLength).SequenceEqual(Proof(key));
    }

    private static byte[] Proof(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key))[..ProofLength];
}
