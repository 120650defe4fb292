using System.Text;
using System.Text.Json;
using CsCheck;
using Router.Core.Wire;
using Router.Tests.Support;

namespace Router.Tests.Wire;

public sealed class JsonObjectTests
{
    private static readonly Gen<string> Name = Gen.OneOf(Gen.Const("model"), Gen.Const("a\"b"), Gen.String[Gen.Char[' ', 'ÿ'], 1, 8]);

    private static readonly Gen<string> Value = Gen.OneOf(
        Gen.Int.Select(i => i.ToString(System.Globalization.CultureInfo.InvariantCulture)),
        Gens.Of("1.0", "1e5", "0.10000000149", "true", "null", "\"\\u0041\\n\"", "\"grüß 😀\"", "[]", "{}", "[1, 2 ,{\"x\" : [ ]}]", "{ \"model\" : \"inner\" }"));

    [Fact]
    public void Members_stand_where_they_stand_in_the_text() => Gen.Select(Name, Value).List[0, 12].Sample(members =>
    {
        members = [.. members.DistinctBy(member => member.Item1)];
        string text = "{ " + string.Join(" ,\n ", members.Select(member => $"{JsonSerializer.Serialize(member.Item1)} : {member.Item2}")) + " } ";
        JsonObject found = Parse(text);
        Assert.Equal(members.Select(member => member.Item1), found.Members.ToArray().Select(member => member.Name));
        Assert.Equal(members.Select(member => member.Item2), found.Members.ToArray().Select(member => Encoding.UTF8.GetString(found.Value(member).Span)));
    });

    [Fact]
    public void A_splice_changes_what_it_names_and_no_other_byte() => Gen.Select(Name, Value).List[0, 10].Sample(members =>
    {
        members = [.. members.DistinctBy(member => member.Item1)];
        string text = "{" + string.Join(" , ", members.Select(member => $"{JsonSerializer.Serialize(member.Item1)}:  {member.Item2}")) + "}";
        JsonObject source = Parse(text);
        Assert.Equal(text, Encoding.UTF8.GetString(new JsonSplice(source).ToArray()));

        JsonObject edited = Parse(Encoding.UTF8.GetString(new JsonSplice(source).Set("model", "\"m\""u8.ToArray()).Remove("a\"b").Set("new", "[1]"u8.ToArray()).ToArray()));
        Assert.Equal("m", edited.String("model"));
        Assert.Null(edited.Find("a\"b"));
        Assert.NotNull(edited.Find("new"));
        foreach ((string name, string value) in members.Where(member => member.Item1 is not ("model" or "a\"b" or "new")))
        {
            Assert.Equal(value, Encoding.UTF8.GetString(edited.Value(edited.Find(name)!.Value).Span));
        }
    });

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("\"x\"")]
    [InlineData("{} {}")]
    [InlineData("{\"a\":1,}")]
    [InlineData("{\"a\":1 \"b\":2}")]
    [InlineData("{'a':1}")]
    [InlineData("{\"a\":NaN}")]
    [InlineData("{\"a\":1,\"a\":2}")]
    [InlineData("{\"a\":1,\"\\u0061\":2}")]
    public void What_is_not_one_object_with_distinct_names_is_refused(string text) =>
        Assert.Throws<JsonObjectException>(() => Parse(text));

    [Fact]
    public void A_name_given_twice_is_found_among_many()
    {
        string text = "{" + string.Join(',', Enumerable.Range(0, 5_000).Select(i => $"\"n{i}\":0")) + ",\"n7\":1}";
        Assert.Equal("n7", Assert.Throws<JsonObjectException>(() => Parse(text)).Member);
    }

    [Fact]
    public void Text_that_is_no_utf8_is_refused() =>
        Assert.Throws<JsonObjectException>(() => JsonObject.Parse(new byte[] { (byte)'{', (byte)'"', 0xff, (byte)'"', (byte)':', (byte)'1', (byte)'}' }));

    [Fact]
    public void A_depth_no_honest_request_has_is_refused_without_harm() =>
        Assert.Throws<JsonObjectException>(() => Parse("{\"a\":" + new string('[', 100_000) + new string(']', 100_000) + "}"));

    [Fact]
    public void Arbitrary_bytes_never_do_more_than_be_refused() => Gen.Byte.Array[0, 200].Sample(bytes =>
    {
        JsonObject.TryParse(bytes, out _);
        byte[] wrapped = [(byte)'{', (byte)'"', (byte)'a', (byte)'"', (byte)':', .. bytes, (byte)'}'];
        JsonObject.TryParse(wrapped, out _);
    }, iter: 20_000);

    private static JsonObject Parse(string text) => JsonObject.Parse(Encoding.UTF8.GetBytes(text));
}
