using System.Text;
using System.Text.Json;
using CsCheck;
using Router.Core.Wire;

namespace Router.Tests.Wire;

public sealed class JsonTemplateTests
{
    private static readonly JsonTemplate Template = new(Written(""), "\"text\":\""u8);

    [Fact]
    public void What_is_made_is_what_would_have_been_written_and_its_members_stand_where_it_says() =>
        Gen.OneOf(Gen.String, Gen.String[Gen.Char['a', 'z'], 0, 40], Gen.String[Gen.Int[0, 7].Select(i => "é漢\"\\\n<\u2028x"[i]), 0, 9]).Sample(text =>
        {
            if (Template.With(text) is not { } made)
            {
                return;
            }

            Assert.Equal(Encoding.UTF8.GetString(Written(text).Text.Span), Encoding.UTF8.GetString(made.Text.Span));
            Assert.Equal(JsonObject.Parse(made.Text).Members.ToArray(), made.Members.ToArray());
            Assert.Equal(made.Text.Length, made.End);
        }, iter: 5_000);

    [Theory]
    [InlineData("plain words, and é 漢 too")]
    [InlineData("<b>&'")]
    public void Texts_without_an_escape_are_made(string text) => Assert.NotNull(Template.With(text));

    [Theory]
    [InlineData("a\"b")]
    [InlineData("a\\b")]
    [InlineData("a\nb")]
    public void A_text_with_an_escape_is_left_to_a_writer(string text) => Assert.Null(Template.With(text));

    private static JsonObject Written(string text)
    {
        var writer = new JsonObjectWriter(64);
        writer.Begin();
        writer.String("id", "\"text\":\"");
        writer.Number("n", 7);
        Utf8JsonWriter list = writer.Member("list", JsonTokenType.StartArray);
        list.WriteStartArray();
        list.WriteStartObject();
        list.WriteString("text", text);
        list.WriteNull("end");
        list.WriteEndObject();
        list.WriteEndArray();
        return writer.End();
    }
}
