using System.Buffers;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;

namespace Router.Api.Hosting;

/// <summary>
/// The memory that the server receives requests into and sends answers from, instead of its own pool's: what came back last is given
/// out first, while the processor's caches have it, and a long request is received in pieces of 64 KB, not of 4. Thread-safe.
/// </summary>
internal sealed class ServerBlocks : MemoryPool<byte>, IMemoryPoolFactory<byte>
{
    public const int BlockSize = 4096;
    public const int LargeBlockSize = 64 * 1024;

    /// <summary>How many large blocks there are at most, 2 MB together. Whoever finds none left gets a small one.</summary>
    public const int MostLarge = 32;

    /// <summary>How many small ones are kept for later, 8 MB together.</summary>
    public const int MostKept = 2048;

    [ThreadStatic]
    private static bool _expectsMuch;

    private readonly Lock _lock = new();
    private readonly Stack<Block> _small = new();
    private readonly Stack<Block> _large = new();
    private int _madeLarge;

    /// <summary>What may be asked for; a block may be larger than it was asked for.</summary>
    public override int MaxBufferSize => BlockSize;

    /// <summary>
    /// Says that the connection served on this thread has much to receive. It receives on the same thread as soon as what it is served by
    /// waits; should another connection come in between, that one has a large block for once.
    /// </summary>
    public static void ExpectMuch(bool much) => _expectsMuch = much;

    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => this;

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, BlockSize);
        bool large = _expectsMuch;
        _expectsMuch = false;
        lock (_lock)
        {
            if (large && (_large.TryPop(out Block? block) || (_madeLarge < MostLarge && (block = MakeLarge()) is not null)))
            {
                return block.Give();
            }

            if (_small.TryPop(out block))
            {
                return block.Give();
            }
        }

        return new Block(this, BlockSize).Give();
    }

    /// <summary>Nothing: every transport of the process shares the blocks.</summary>
    protected override void Dispose(bool disposing)
    {
    }

    private Block MakeLarge()
    {
        _madeLarge++;
        return new Block(this, LargeBlockSize);
    }

    private void Return(Block block)
    {
        lock (_lock)
        {
            if (!block.Take())
            {
                return;
            }

            if (block.Memory.Length == LargeBlockSize)
            {
                _large.Push(block);
            }
            else if (_small.Count < MostKept)
            {
                _small.Push(block);
            }
        }
    }

    private sealed class Block(ServerBlocks owner, int size) : IMemoryOwner<byte>
    {
        private bool _given;

        public Memory<byte> Memory { get; } = MemoryMarshal.CreateFromPinnedArray(GC.AllocateUninitializedArray<byte>(size, pinned: true), 0, size);

        public void Dispose() => owner.Return(this);

        public Block Give()
        {
            _given = true;
            return this;
        }

        /// <summary>False where it is given back a second time: two requests must never have the same block.</summary>
        public bool Take()
        {
            bool given = _given;
            _given = false;
            return given;
        }
    }
}
