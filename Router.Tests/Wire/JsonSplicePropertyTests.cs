using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using Router.Core.Wire;

namespace Router.Tests.Wire;

/// <summary>Whatever is set and removed, all three ways to write say the same, and that is what the edits ask for.</summary>
public sealed class JsonSplicePropertyTests
{
    private static readonly string[] Spaces = ["", " ", "\n  ", "\t"];

    [Fact]
    public void Edits_come_out_as_asked_and_the_rest_as_it_was()
    {
        var random = new Random(20261123);
        for (int round = 0; round < 3_000; round++)
        {
            int size = random.Next(0, 20);
            var expected = new List<(string Name, string Json)>();
            var text = new StringBuilder(Space(random)).Append('{');
            for (int i = 0; i < size; i++)
            {
                (string name, string json) = ($"m{i}", Value(random));
                expected.Add((name, json));
                text.Append(i > 0 ? "," : "").Append(Space(random)).Append('"').Append(name).Append('"').Append(Space(random)).Append(':').Append(Space(random)).Append(json).Append(Space(random));
            }

            Router.Core.Wire.JsonObject source = Router.Core.Wire.JsonObject.Parse(Encoding.UTF8.GetBytes(text.Append('}').Append(Space(random)).ToString()));
            var asked = new List<Action<JsonSplice>>();
            for (int edits = random.Next(0, 24); edits > 0; edits--)
            {
                string name = $"m{random.Next(0, 24)}";
                int at = expected.FindIndex(member => member.Name == name);
                if (random.Next(2) == 0)
                {
                    asked.Add(splice => splice.Remove(name));
                    expected.RemoveAll(member => member.Name == name);
                    continue;
                }

                string json = Value(random);
                asked.Add(splice => splice.Set(name, Encoding.UTF8.GetBytes(json)));
                if (at < 0)
                {
                    expected.Add((name, json));
                }
                else
                {
                    expected[at] = (name, json);
                }
            }

            // One begun between, and never ended, has edits of its own.
            JsonSplice[] splices = [.. Enumerable.Range(0, 5).Select(_ => new JsonSplice(source))];
            splices[4].Set("m1", "0"u8.ToArray());
            asked.ForEach(edit => Array.ForEach(splices[..4], edit.Invoke));
            byte[] array = splices[0].ToArray();
            var writer = new ArrayBufferWriter<byte>();
            splices[1].WriteTo(writer);

            Assert.Equal(array, writer.WrittenSpan.ToArray());
            var stingy = new StingyWriter(random);
            splices[2].WriteTo(stingy);
            Assert.Equal(array, stingy.Written);
            Assert.Equal(array, splices[3].ToPieces().SelectMany(piece => piece.ToArray()));
            var written = (System.Text.Json.Nodes.JsonObject)JsonNode.Parse(array)!;
            Assert.Equal(
                expected.OrderBy(member => member.Name, StringComparer.Ordinal).Select(member => (member.Name, JsonNode.Parse(member.Json)?.ToJsonString())),
                written.OrderBy(member => member.Key, StringComparer.Ordinal).Select(member => (member.Key, member.Value?.ToJsonString())));
        }
    }

    [Fact]
    public void A_text_that_was_made_is_not_made_again()
    {
        var splice = new JsonSplice(Router.Core.Wire.JsonObject.Parse("{}"u8.ToArray()));
        Assert.Equal("{}"u8, splice.ToArray());
        Assert.Throws<InvalidOperationException>(splice.ToArray);
        Assert.Throws<InvalidOperationException>(() => splice.Set("a", "1"u8.ToArray()));
    }

    private static string Space(Random random) => Spaces[random.Next(Spaces.Length)];

    private static string Value(Random random) => random.Next(6) switch
    {
        0 => "null",
        1 => random.Next(-9, 99).ToString(System.Globalization.CultureInfo.InvariantCulture),
        2 => "\"a , { } \\\" b\"",
        3 => "[1, {\"m1\": 2}]",
        4 => "{\"m2\" : [ ] }",
        _ => "true",
    };

    /// <summary>Has a few bytes at a time.</summary>
    private sealed class StingyWriter(Random random) : IBufferWriter<byte>
    {
        private byte[] _room = [];

        public List<byte> Written { get; } = [];

        public void Advance(int count) => Written.AddRange(_room[..count]);

        public Memory<byte> GetMemory(int sizeHint = 0) => _room = new byte[Math.Max(sizeHint, random.Next(1, 20))];

        public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
    }
}
