using System.Text;
using CsCheck;
using Microsoft.Extensions.AI;
using Router.Core.Providers.Anthropic;
using Router.Core.Wire;

namespace Router.Tests.Dialects.Anthropic;

/// <summary>What is read in passing is what a reader of documents reads.</summary>
public sealed class AnthropicContentSkimTests
{
    private static readonly Gen<string> Member = Gen.Frequency(
        (8, One("\"type\":\"text\"", "\"text\":\"Hi\"", "\"text\":\"\"", "\"text\":\"a\\u003cb\\n\"", "\"text\":\"\\ud83d\\ude00\"", "\"citations\":null", "\"citations\":[{\"type\":\"x\",\"text\":\"no\"}]")),
        (1, One("\"type\":\"thinking\"", "\"type\":null", "\"type\":\"tool_use\"", "\"text\":null", "\"text\":[1]", "\"thinking\":\"hm\"", "\"t\\u0065xt\":\"x\"", "\"id\":\"1\",\"name\":\"f\",\"input\":{\"a\":[1]}")));

    private static readonly Gen<string> Block = Gen.Frequency(
        (6, One("{\"type\":\"text\",\"text\":\"Hi\"}", "{\"citations\":[],\"text\":\"there\",\"type\":\"text\"}")),
        (6, Member.Array[0, 4].Select(members => $"{{{string.Join(',', members)}}}")),
        (1, One("null", "7", "[]", "\"x\"", "{\"type\":\"redacted_thinking\",\"data\":\"x\"}")));

    [Fact]
    public void Content_is_read_alike_in_passing_and_as_a_document()
    {
        int plain = 0;
        Block.Array[0, 3].Sample(blocks =>
        {
            var skim = new AnthropicContentSkim();
            Assert.True(JsonObject.TryParse(Encoding.UTF8.GetBytes($"{{\"content\":[{string.Join(',', blocks)}]}}"), ref skim, out JsonObject? json));
            if (skim.Texts is { } texts)
            {
                plain++;
                Assert.Equal(AnthropicResponse.Blocks(json.Value(json.Find("content")!.Value), byTool: false).Select(Shown), texts.Select(Shown));
            }
        }, iter: 10_000, threads: 1);
        Assert.True(plain > 1_000, $"Only {plain} were read in passing.");
    }

    [Theory]
    [InlineData("""{"content":[{"type":"text","text":"\ud800"}]}""")]
    [InlineData("""{"content":{"type":"text","text":"x"}}""")]
    [InlineData("""{"content":[{"type":"thinking","thinking":"x","signature":"s"},{"type":"text","text":"x"}]}""")]
    public void What_is_not_all_text_is_left_to_others(string body)
    {
        var skim = new AnthropicContentSkim();
        Assert.True(JsonObject.TryParse(Encoding.UTF8.GetBytes(body), ref skim, out _));
        Assert.Null(skim.Texts);
    }

    private static Gen<string> One(params string[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static string Shown(AIContent content) => $"{content.GetType().Name} {content}";
}
