using System.Buffers.Binary;
using System.Text;

namespace Router.Core.Keys;

/// <summary>
/// What a sealed provider key belongs to. It is the associated data of both layers of the envelope, so that a
/// ciphertext moved to another workspace, provider or version does not open.
/// </summary>
public readonly record struct KeyScope(string WorkspaceId, string Provider, int Version)
{
    /// <summary>Fields are length-prefixed: no two different scopes encode alike.</summary>
    internal byte[] AssociatedData(string purpose)
    {
        string[] fields = [purpose, WorkspaceId, Provider];
        var data = new byte[fields.Sum(field => 4 + Encoding.UTF8.GetByteCount(field)) + 4];
        var rest = data.AsSpan();
        foreach (var field in fields)
        {
            var length = Encoding.UTF8.GetBytes(field, rest[4..]);
            BinaryPrimitives.WriteInt32BigEndian(rest, length);
            rest = rest[(4 + length)..];
        }

        BinaryPrimitives.WriteInt32BigEndian(rest, Version);
        return data;
    }
}
