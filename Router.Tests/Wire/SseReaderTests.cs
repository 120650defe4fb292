using System.Text;
using CsCheck;
using Router.Core.Wire;
using Router.Tests.Support;

namespace Router.Tests.Wire;

public sealed class SseReaderTests
{
    private static readonly Gen<string> Data = Gen.OneOf(
        Gens.Of("{\"a\":1}", "[DONE]", "", " leading", "grüß 😀", "a:b", ":"),
        Gen.String[Gen.Char[' ', '~'], 0, 40],
        Gen.Const(new string('x', 20_000)));

    [Fact]
    public void Events_are_the_same_whatever_the_line_ends_and_chunk_boundaries() =>
        Gen.Select(Data.List[0, 8], Gens.Of("\n", "\r\n", "\r"), Gen.Int[1, 50].List[1, 10], Gen.Bool).Sample((data, end, sizes, comment) =>
        {
            var text = new StringBuilder();
            foreach (string item in data)
            {
                text.Append(comment ? $": ping{end}retry: 3{end}" : "").Append("data: ").Append(item).Append(end).Append(end);
            }

            Assert.Equal(data, ReadAll(text.ToString(), sizes));
        });

    [Theory]
    [InlineData("data: a\ndata: b\n\n", "a\nb")]
    [InlineData("data:a\n\n", "a")]
    [InlineData("data:  a\n\n", " a")]
    [InlineData("data\n\n", "")]
    [InlineData("event: x\n\ndata: a\n\n", "a")]
    [InlineData("data: a", "a")]
    [InlineData("data: a\r\n\r\n", "a")]
    [InlineData("unknown: a\n\n", null)]
    [InlineData(":\n\n\n\n", null)]
    public void Fields_are_read_as_the_specification_says(string text, string? expected) =>
        Assert.Equal(expected is null ? [] : [expected], ReadAll(text, [3]));

    [Fact]
    public async Task The_event_name_goes_with_its_data()
    {
        var reader = new SseReader(new MemoryStream("event: ping\ndata: {}\n\ndata: x\n\n"u8.ToArray()));
        Assert.True(await reader.ReadAsync(TestContext.Current.CancellationToken));
        Assert.Equal("ping", reader.EventName);
        Assert.True(await reader.ReadAsync(TestContext.Current.CancellationToken));
        Assert.Null(reader.EventName);
        Assert.False(await reader.ReadAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_event_larger_than_allowed_is_refused(bool manyLines)
    {
        string text = manyLines ? string.Concat(Enumerable.Repeat("data: 0123456789\n", 1_000)) : "data: " + new string('x', 20_000);
        Assert.Throws<InvalidDataException>(() => ReadAll(text, [4096], limit: 8_192));
    }

    [Fact]
    public void Arbitrary_bytes_come_to_an_end() =>
        Gen.Select(Gen.Byte.Array[0, 300], Gen.Int[1, 20].List[1, 5]).Sample((bytes, sizes) => ReadAll(bytes, sizes, 1 << 20), iter: 20_000);

    private static List<string> ReadAll(string text, List<int> sizes, int limit = 1 << 20) => ReadAll(Encoding.UTF8.GetBytes(text), sizes, limit);

    private static List<string> ReadAll(byte[] bytes, List<int> sizes, int limit)
    {
        var reader = new SseReader(new ChoppedStream(bytes, sizes), limit);
        List<string> events = [];
        while (true)
        {
            // The stream never waits; the reader gives others their turn all the same.
            Task<bool> next = reader.ReadAsync(CancellationToken.None).AsTask();
            if (!next.GetAwaiter().GetResult())
            {
                return events;
            }

            events.Add(Encoding.UTF8.GetString(reader.Data.Span));
        }
    }

    /// <summary>Gives its bytes in pieces of the given sizes, over and over.</summary>
    private sealed class ChoppedStream(byte[] bytes, List<int> sizes) : MemoryStream(bytes)
    {
        private int _reads;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            ValueTask.FromResult(Read(buffer.Span[..Math.Min(buffer.Length, sizes[_reads++ % sizes.Count])]));
    }
}
