using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Microsoft.Extensions.AI;
using Router.Core.Chat.State;
using Router.Core.Providers.OpenAI;
using Router.Tests.Support;

namespace Router.Tests.Chat;

public sealed class OpaqueStateTests
{
    private const OpaqueState Dispensable = OpaqueState.SealedThinking | OpaqueState.ThoughtSignatures;

    private static readonly Gen<string> Names = Gens.Of("role", "content", "thinking_blocks", "signature", "data", "tool_calls", "extra_content", "google", "thought_signature", "file_id", "audio", "id", "type", "thinking_bl\\u006fcks", "x");

    private static readonly Gen<string> Values = Gen.Recursive<string>((depth, self) => depth > 4
        ? Gens.Of("null", "\"text\"", "1.0", "true")
        : Gen.OneOf(
            Gens.Of("null", "\"text\"", "1.0", "true", "\"\\\"thinking_blocks\\\"\""),
            self.List[0, 3].Select(items => $"[{string.Join(',', items)}]"),
            Gen.Select(Names, self).List[0, 4].Select(members => $"{{{string.Join(',', members.Select(member => $"\"{member.Item1}\":{member.Item2}"))}}}")));

    private static readonly Gen<string> Messages = Gen.Select(Names, Values).List[0, 6].Select(members => $"{{\"role\":\"assistant\",{string.Concat(members.Select(member => $"\"{member.Item1}\":{member.Item2},"))}\"end\":1.0}}");

    [Fact]
    public void Whatever_the_messages_what_is_left_holds_no_such_state_and_all_else() =>
        Messages.Sample(json =>
        {
            ChatMessage[] messages = [.. OpenAIMessageReader.ReadMessages(Encoding.UTF8.GetBytes($"[{json}]"))];
            OpaqueState found = OpaqueStateReader.Find(messages);
            ChatMessage[] left = [.. OpaqueStateRemover.Without(messages, Dispensable)];
            Assert.Equal(OpaqueState.None, OpaqueStateReader.Find(left) & Dispensable);
            Assert.Equal((found & Dispensable) == OpaqueState.None, ReferenceEquals(messages[0], left[0]));
            string text = Encoding.UTF8.GetString(((OpenAIRawJson)left[0].RawRepresentation!).Json.Span);
            Assert.EndsWith("\"end\":1.0}", text, StringComparison.Ordinal);
        });

    [Fact]
    public void Typed_messages_of_a_caller_in_process_lose_the_state_and_nothing_else()
    {
        ChatMessage typed = new(ChatRole.Assistant,
        [
            new TextReasoningContent("thought") { ProtectedData = "sealed" },
            new TextReasoningContent("open thought"),
            new TextContent("words"),
            new FunctionCallContent("c1", "f", new Dictionary<string, object?> { ["a"] = 1 }) { AdditionalProperties = new() { ["thought_signature"] = "s" } },
        ]);
        Assert.Equal(Dispensable, OpaqueStateReader.Find([typed]));
        Assert.True(OpaqueStateReader.IsAmidCalls([typed]));
        ChatMessage left = OpaqueStateRemover.Without([typed], Dispensable).Single();
        Assert.Equal(OpaqueState.None, OpaqueStateReader.Find([left]));
        Assert.Equal(["open thought", "words", "f"], left.Contents.Select(content => content switch
        {
            TextReasoningContent thought => thought.Text,
            TextContent text => text.Text,
            FunctionCallContent call => call.Name,
            _ => "?",
        }));
        Assert.Equal(OpaqueState.References, OpaqueStateReader.Find([new ChatMessage(ChatRole.User, [new HostedFileContent("file-1")])]));
    }

    [Theory]
    [InlineData("""{"role":"assistant","content":"a","thinking_blocks":[{"type":"thinking","thinking":"t","signature":"s"}]}""", OpaqueState.SealedThinking)]
    [InlineData("""{"role":"assistant","thinking_blocks":[{"type":"redacted_thinking","data":"d"}]}""", OpaqueState.SealedThinking)]
    [InlineData("""{"role":"assistant","thinking_bl\u006fcks":[{"type":"redacted_thinking","data":"d"}]}""", OpaqueState.SealedThinking)]
    [InlineData("""{"role":"assistant","thinking_blocks":[{"type":"thinking","thinking":"unsigned"}]}""", OpaqueState.None)]
    [InlineData("""{"role":"assistant","tool_calls":[{"id":"1","extra_content":{"vertex":{"thought_signature":"s"}},"function":{"name":"f","arguments":"{}"}}]}""", OpaqueState.ThoughtSignatures)]
    [InlineData("""{"role":"user","content":[{"type":"file","file":{"file_id":"file-1"}}]}""", OpaqueState.References)]
    [InlineData("""{"role":"user","content":[{"type":"input_audio","input_audio":{"data":"AA==","format":"wav"}}]}""", OpaqueState.None)]
    [InlineData("""{"role":"user","content":"\"file_id\": \"x\""}""", OpaqueState.None)]
    public void Each_kind_is_known_by_where_it_stands(string json, OpaqueState expected)
    {
        Assert.NotNull(JsonNode.Parse(json));
        Assert.Equal(expected, OpaqueStateReader.Find(OpenAIMessageReader.ReadMessages(Encoding.UTF8.GetBytes($"[{json}]"))));
    }
}
