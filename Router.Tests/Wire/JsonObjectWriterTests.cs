using System.Text;
using System.Text.Json;
using Router.Core.Wire;

namespace Router.Tests.Wire;

/// <summary>What was written is known as well as if it had been parsed.</summary>
public sealed class JsonObjectWriterTests
{
    private readonly JsonObjectWriter _writer = new(16);

    [Theory]
    [InlineData("plain")]
    [InlineData("")]
    [InlineData("\"quoted\"\n and \\ more \u0001")]
    [InlineData("\u00fcml\u00e4ut \ud83d\ude00 <b>&amp;</b>")]
    [InlineData("half a pair \ud83d")]
    [InlineData(null)]
    public void Members_stand_where_a_parser_finds_them(string? text)
    {
        for (int i = 0; i < 3; i++)
        {
            _writer.Begin();
            _writer.String("text", text);
            _writer.Number("number", -17 * i);
            Utf8JsonWriter list = _writer.Member("list", JsonTokenType.StartArray);
            list.WriteStartArray();
            list.WriteStringValue(text);
            list.WriteStartObject();
            list.WriteString("text", text);
            list.WriteEndObject();
            list.WriteEndArray();
            _writer.Member("long", JsonTokenType.String).WriteStringValue(new string('x', 5000 * i));
            JsonObject written = _writer.End();
            JsonObject parsed = JsonObject.Parse(written.Text);
            Assert.Equal(parsed.Members.ToArray(), written.Members.ToArray());
            Assert.Equal(parsed.End, written.End);
        }
    }

    [Fact]
    public void What_was_written_stays_as_it_is_while_the_next_is_written()
    {
        _writer.Begin();
        _writer.Number("first", 1);
        JsonObject first = _writer.End();
        _writer.Begin();
        _writer.String("second", "2");
        Assert.Equal("""{"second":"2"}""", Encoding.UTF8.GetString(_writer.End().Text.Span));
        Assert.Equal("""{"first":1}""", Encoding.UTF8.GetString(first.Text.Span));
    }

    [Fact]
    public void An_object_may_be_empty()
    {
        _writer.Begin();
        JsonObject empty = _writer.End();
        Assert.Equal(("{}", 0), (Encoding.UTF8.GetString(empty.Text.Span), empty.Members.Length));
    }
}
