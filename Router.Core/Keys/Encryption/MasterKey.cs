namespace Router.Core.Keys;

/// <summary>A named 256-bit key that wraps data keys. Prints its name only; the bytes stay inside this room.</summary>
public sealed class MasterKey
{
    public const int Size = 32;

    private readonly byte[] _bytes;

    /// <exception cref="ArgumentException">The key is not <see cref="Size"/> bytes long.</exception>
    public MasterKey(string name, byte[] bytes)
    {
        if (bytes.Length != Size)
            throw new ArgumentException($"A master key has {Size} bytes.", nameof(bytes));
        Name = name;
        _bytes = bytes;
    }

    public string Name { get; }

    internal ReadOnlySpan<byte> Bytes => _bytes;

    public override string ToString() => Name;
}
