using System.Text;
using System.Text.Json;
using Router.Core.Routing.Cel;
using Router.Core.Wire;

namespace Router.Tests.Fuzz;

/// <summary>What parses bytes, against another that does: events against the standard, JSON against the framework's.</summary>
public sealed class WireFuzzTests
{
    private static readonly byte[][] s_events = FuzzRun.Seeds(
        "data: {\"a\":1}\n\ndata: [DONE]\n\n", "event: ping\r\ndata: x\r\n\r\n", "data: a\ndata: b\rdata\r\n\n", ": keep\n\nid: 1\nretry: 3\ndata:a", "\ufeffdata: a\n\n", "event\ndata: \n\n", "data:  a: b\n\r\n\r", "\n\n\n");

    private static readonly byte[][] s_json = FuzzRun.Seeds(
        "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}", "{\"a\\u0062\":-1.5e-3,\"\":null,\"x\":{\"y\":[[],{}]}}", " {\"a\" : true , \"b\":\"\\ud83d\\ude00\"} ", "{\"a\":\"\\\\\\\"\",\"b\":[1,2 , 3]}", "{}", "[1]", "{\"a\":1,\"a\":2}", "{\"a\":\"\\ud83d\"}");

    private static readonly byte[][] s_conditions = FuzzRun.Seeds(
        "metadata.tier == 'gold' && size(messages) > 3", "has(a.b) ? a.b[0] : 'x' + \"y\"", "[1, 2u, 3.5].exists(x, x in {'a': 1}) || !true", "user.matches('^a(b|c){2,5}$')", "l.map(x, x > 1, x * 2).all(y, y % 2 == 0)", "-(-9223372036854775808) / 0", "r'\\d+' + b'\\xff' + \"\"\"a\nb\"\"\"", "string(1.0).trim().upperAscii() // note");

    private static readonly Dictionary<string, CelValue> s_variables = new()
    {
        ["metadata"] = CelBool.True,
        ["a"] = new CelString("b"),
        ["user"] = new CelString("abcbc"),
        ["l"] = new CelInt(3),
    };

    [Fact]
    public Task Events_are_those_of_the_standard() => FuzzRun.OverAsync(s_events, async (input, random) =>
    {
        var reader = new SseReader(new Pieces(input, random), 1 << 20);
        List<(string? Name, string Data)> read = [];
        while (await reader.ReadAsync(CancellationToken.None))
        {
            read.Add((reader.EventName, Convert.ToHexString(reader.Data.Span)));
        }

        List<(string? Name, string Data)> meant = [.. Events(input)];
        return read.SequenceEqual(meant) ? null : $"{string.Join(' ', read)} for {string.Join(' ', meant)}";
    });

    [Fact]
    public Task Json_is_taken_as_the_framework_takes_it_and_comes_out_as_it_was() => FuzzRun.OverAsync(s_json, (input, _) =>
    {
        JsonObject? found;
        try
        {
            found = JsonObject.Parse(input);
        }
        catch (JsonObjectException)
        {
            found = null;
        }

        JsonDocument? meant = Framework(input);
        using (meant)
        {
            if (found is null != meant is null)
            {
                return Task.FromResult<string?>(found is null ? "refused" : "taken");
            }

            if (found is null)
            {
                return Task.FromResult<string?>(null);
            }

            JsonProperty[] members = [.. meant!.RootElement.EnumerateObject()];
            if (!found.Members.ToArray().Select(member => (member.Name, Encoding.UTF8.GetString(found.Value(member).Span))).SequenceEqual(members.Select(member => (member.Name, member.Value.GetRawText()))))
            {
                return Task.FromResult<string?>("other members");
            }

            if (!new JsonSplice(found).ToArray().AsSpan().SequenceEqual(input.AsSpan(0, found.End)))
            {
                return Task.FromResult<string?>("spliced without a change, it is another text");
            }

            using JsonDocument changed = JsonDocument.Parse(new JsonSplice(found).Set("new one", "[1]"u8.ToArray()).Remove("a").ToArray());
            return Task.FromResult(changed.RootElement.TryGetProperty("a", out JsonElement _) || changed.RootElement.GetProperty("new one").GetArrayLength() != 1 ? "changed, it is not what was asked for" : null);
        }
    });

    [Fact]
    public Task Conditions_are_refused_with_a_reason_or_judged() => FuzzRun.OverAsync(s_conditions, (input, _) =>
    {
        if (CelExpression.TryParse(Encoding.UTF8.GetString(input), out CelExpression? expression, out string? error))
        {
            CelResult result = expression.Evaluate(s_variables);
            return Task.FromResult(result is { IsTrue: true, Error: not null } ? "true, and an error" : null);
        }

        return Task.FromResult(error.Length == 0 ? "refused without a reason" : null);
    });

    /// <summary>Objects with distinct names of whole characters, as the documents say.</summary>
    private static JsonDocument? Framework(byte[] input)
    {
        if (!System.Text.Unicode.Utf8.IsValid(input))
        {
            // The framework would say so when the string is read.
            return null;
        }

        JsonDocument? document = null;
        try
        {
            document = JsonDocument.Parse(input, new JsonDocumentOptions { MaxDepth = JsonDepth.Document.MaxDepth });
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                string[] names = [.. document.RootElement.EnumerateObject().Select(member => member.Name)];
                if (names.Distinct(StringComparer.Ordinal).Count() == names.Length)
                {
                    return document;
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
        }

        document?.Dispose();
        return null;
    }

    /// <summary>The event stream's interpretation, step by step as it is written down.</summary>
    private static IEnumerable<(string? Name, string Data)> Events(byte[] input)
    {
        byte[] text = input.AsSpan().StartsWith("\ufeff"u8) ? input[3..] : input;
        (string? name, List<byte>? data) = (null, null);
        int start = 0;
        while (start < text.Length)
        {
            int end = text.AsSpan(start).IndexOfAny((byte)'\n', (byte)'\r');
            byte[] line = end < 0 ? text[start..] : text[start..(start + end)];
            start = end < 0 ? text.Length : start + end + (text[start + end] == '\r' && start + end + 1 < text.Length && text[start + end + 1] == '\n' ? 2 : 1);
            if (line.Length == 0)
            {
                if (data is not null)
                {
                    yield return (name, Convert.ToHexString([.. data]));
                }

                (name, data) = (null, null);
                continue;
            }

            int colon = Array.IndexOf(line, (byte)':');
            byte[] field = colon < 0 ? line : line[..colon];
            byte[] value = colon < 0 ? [] : line[(colon + (colon + 1 < line.Length && line[colon + 1] == ' ' ? 2 : 1))..];
            if (field.AsSpan().SequenceEqual("data"u8))
            {
                data = data is null ? [.. value] : [.. data, (byte)'\n', .. value];
            }
            else if (field.AsSpan().SequenceEqual("event"u8))
            {
                name = Encoding.UTF8.GetString(value);
            }
        }

        // Ours: a last event without its blank line counts.
        if (data is not null)
        {
            yield return (name, Convert.ToHexString([.. data]));
        }
    }

    /// <summary>In pieces of any size.</summary>
    private sealed class Pieces(byte[] bytes, Random random) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            new(Read(buffer.Span[..Math.Min(buffer.Length, 1 + random.Next(9))]));
    }
}
