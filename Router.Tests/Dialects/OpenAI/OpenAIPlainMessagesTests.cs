using System.Text;
using CsCheck;
using Microsoft.Extensions.AI;
using Router.Core.Providers.OpenAI;

namespace Router.Tests.Dialects.OpenAI;

public sealed class OpenAIPlainMessagesTests
{
    private static readonly Gen<string> Text = One("\"Hi\"", "\"\"", "\"a\\u003cb\\n\"", "\"\\ud83d\\ude00\"", "\"grüß\"");

    private static readonly Gen<string> Plain = Gen.Select(One("user", "assistant", "system", "developer", "t\\u006fol", "tool", "critic"), Text, Gen.Bool, Gen.Bool, (role, text, named, first) =>
        first ? $$"""{ "role" : "{{role}}","content": {{text}}{{(named ? ",\"name\":\"Ann\"" : "")}} }""" : $$"""{"content":{{text}},"role":"{{role}}"}""");

    private static readonly Gen<string> Odd = One(
        "null", "7", "[]", "{}", """{"role":"user"}""", """{"content":"x"}""", """{"role":"user","content":null}""", """{"role":"user","content":[{"type":"text","text":"x"}]}""",
        """{"role":"user","content":"a","content":"b"}""", """{"role":"user","role":"system","content":"b"}""", """{"role":"assistant","content":"a","refusal":"no"}""", """{"role":7,"content":"a"}""",
        """{"role":"assistant","content":"","tool_calls":[{"id":"1","function":{"name":"f","arguments":"{}"}}]}""", """{"role":"assistant","content":"x","reasoning_content":"hm"}""", """{"role":"user","content":"x","name":null}""",
        """{"role":"user","content":"x","cache_control":{"type":"ephemeral"}}""");

    [Fact]
    public void Messages_are_read_alike_in_one_pass_and_as_a_document()
    {
        int plain = 0;
        Gen.Frequency((20, Plain), (1, Odd)).Array[0, 5].Sample(messages =>
        {
            byte[] json = Encoding.UTF8.GetBytes($"[{string.Join(" , ", messages)}]");
            List<ChatMessage>? read = OpenAIPlainMessages.TryRead(json);
            plain += read is null ? 0 : 1;
            if (read is not null)
            {
                Assert.Equal(OpenAIMessageReader.ReadDocument(json).Select(Shown), read.Select(Shown));
            }
        }, iter: 5_000, threads: 1);
        Assert.True(plain > 1_000, $"Only {plain} were read in one pass.");
    }

    [Theory]
    [InlineData("""[{"role":"user","content":"\ud800"}]""")]
    [InlineData("""[{"role":"user","content":"x"},{"ro\ud800le":"user"}]""")]
    [InlineData("""[{"role":"user","content":"x"}""")]
    [InlineData("""{"role":"user","content":"x"}""")]
    [InlineData("")]
    public void What_is_no_list_of_plain_messages_is_left_to_others(string json) => Assert.Null(OpenAIPlainMessages.TryRead(Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void What_most_conversations_are_is_read_in_one_pass() =>
        Assert.NotNull(OpenAIPlainMessages.TryRead("""[{"role":"system","content":"Be brief."},{"role":"user","content":"Hi"},{"role":"assistant","content":"Hi."},{"role":"user","content":"Bye","name":"Ann"}]"""u8.ToArray()));

    private static Gen<string> One(params string[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static string Shown(ChatMessage message) =>
        $"{message.Role} {message.AuthorName}: {string.Join(" | ", message.Contents.Select(content => $"{content.GetType().Name} {content}"))} {Encoding.UTF8.GetString(((OpenAIRawJson)message.RawRepresentation!).Json.Span)}";
}
