using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Router.Core.Providers.OpenAI;
using Router.Core.Wire;

namespace Router.Tests.Wire;

/// <summary>A chunk is skimmed while it is parsed; what is found must be what parsing first and skimming after finds.</summary>
public sealed class OpenAIChunkReaderTests
{
    private static readonly string[] Chunks =
    [
        """{"id":"a","model":"m","choices":[{"index":0,"delta":{"content":"hi"},"finish_reason":null}]}""",
        """{"id":"a","model":"m","choices":[{"index":1,"delta":{"tool_calls":[{"index":0}]},"finish_reason":"stop"},{"delta":{}}],"usage":{"prompt_tokens":1}}""",
        """ { "choices" : [ ] , "usage" : { } } """,
        """{"choices":[1,{"index":0,"delta":{"content":"unseen"}}],"model":"m"}""",
        """{"choices":[[{"delta":{"content":"x"}}],"y",null],"model":"m"}""",
        """{"choices":[{"index":0,"delta":{"content":"x"}},[[]],{"index":2}],"after":{"a":[{}]}}""",
        """{"choices":{"index":0,"delta":{"content":"x"}}}""",
        """{"choices":"none"}""",
        """{"ch\u006fices":[{"index":0,"delta":{"content":"x"},"finish_reason":"length"}]}""",
        """{"choices":[{"index":0,"delta":"text","message":{"role":"assistant","audio":{}},"finish_reason":7}]}""",
        """{"nothing":true}""",
    ];

    public static TheoryData<string> All => [.. Chunks];

    [Theory]
    [MemberData(nameof(All))]
    public void Reading_on_the_way_finds_what_reading_afterwards_does(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        JsonObject plain = JsonObject.Parse(bytes);
        var skim = default(OpenAIBodySkim);
        JsonObject skimmed = JsonObject.Parse(bytes, ref skim);

        Assert.Equal(plain.Members.ToArray(), skimmed.Members.ToArray());
        Assert.Equal(plain.End, skimmed.End);
        OpenAIChoiceSkim? expected = plain.Find("choices") is { Kind: JsonTokenType.StartArray } choices ? OpenAIChoiceSkim.Of(plain.Value(choices).Span) : null;
        Assert.Equal(expected, skim.Choices);
    }

    [Fact]
    public void However_a_chunk_is_broken_it_is_refused_the_same_with_and_without_the_skim()
    {
        var random = new Random(11);
        int refused = 0;
        for (int round = 0; round < 4_000; round++)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(Chunks[random.Next(Chunks.Length)]);
            for (int i = random.Next(1, 4); i > 0; i--)
            {
                bytes[random.Next(bytes.Length)] = (byte)"{}[]\",:\\u0 x\xff"[random.Next(13)];
            }

            var skim = default(OpenAIBodySkim);
            bool whole = JsonObject.TryParse(bytes, out JsonObject? plain);
            Assert.Equal(whole, JsonObject.TryParse(bytes, ref skim, out JsonObject? skimmed));
            Assert.Equal(plain?.Members.ToArray(), skimmed?.Members.ToArray());
            refused += whole ? 0 : 1;
        }

        Assert.InRange(refused, 1_000, 3_900);
    }

    [Fact]
    public void Half_a_surrogate_pair_where_the_skim_reads_is_a_broken_chunk()
    {
        var reader = new OpenAIChunkReader(contentParts: false);
        Assert.False(reader.TryParse("""{"choices":[{"index":0,"delta":{},"finish_reason":"\ud800"}]}"""u8.ToArray(), out _));
    }

    [Fact]
    public void What_chunks_repeat_is_one_string_and_what_changes_is_seen()
    {
        var reader = new OpenAIChunkReader(contentParts: false);
        ChatResponseUpdate first = Read(reader, """{"id":"a","model":"m"}""");
        ChatResponseUpdate second = Read(reader, """{"id":"a","model":"n"}""");
        ChatResponseUpdate third = Read(reader, """{"id":null}""");
        Assert.Same(first.ResponseId, second.ResponseId);
        Assert.Equal(("m", "n"), (first.ModelId, second.ModelId));
        Assert.Equal((null, null), (third.ResponseId, third.ModelId));
    }

    [Theory]
    [InlineData("""{"object":"error"}""", true)]
    [InlineData("""{"object":"\u0065rror"}""", true)]
    [InlineData("""{"object":"\ud800rror"}""", false)]
    [InlineData("""{"object":"errors"}""", false)]
    [InlineData("""{"object":""}""", false)]
    [InlineData("""{"object":{"object":"error"}}""", false)]
    [InlineData("""{}""", false)]
    public void A_member_is_compared_by_its_text_not_by_how_it_is_written(string text, bool same) =>
        Assert.Equal(same, JsonObject.Parse(Encoding.UTF8.GetBytes(text)).Is("object", "error"u8));

    private static ChatResponseUpdate Read(OpenAIChunkReader reader, string text)
    {
        Assert.True(reader.TryParse(Encoding.UTF8.GetBytes(text), out JsonObject? chunk));
        return reader.Read(chunk);
    }
}
