using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Router.Api.Dialects.OpenAI;
using Router.Core.Providers.OpenAI;

namespace Router.Tests.Dialects.OpenAI;

public sealed class MessagesShapeTests
{
    private static readonly Gen<string> Value = One(
        "null", "1", "true", "\"x\"", "\"\\n\"", "\"\\ud83d\\ude00\"", "{}", "[]", "[[{\"a\":[1]}],2]", "{\"role\":\"developer\",\"tool_calls\":{\"b\\\\c\":[{}]}}", "\"developer\"");

    private static readonly Gen<string> Name = One("role", "content", "reasoning", "reasoning_content", "reasoning_details", "thinking_blocks", "tool_calls", "tool_call_id", "name", "r\\u006fle");

    private static readonly Gen<string> Message = Gen.Frequency(
        (5, Gen.Select(Name, Value, (name, value) => $"\"{name}\": {value}").Array[0, 4].Select(members => $"{{{string.Join(" ,", members.DistinctBy(member => member.Replace("\\u006f", "o", StringComparison.Ordinal).Split(':')[0]))}}}")),
        (1, Value));

    private static Gen<string> One(params string[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    [Fact]
    public void What_is_found_in_one_pass_is_what_a_parser_finds() =>
        Message.Array[0, 4].Sample(messages =>
        {
            string json = $"[{string.Join(" , ", messages)}]";
            MessagesShape shape = MessagesShape.Of(Encoding.UTF8.GetBytes(json));
            JsonArray parsed = JsonNode.Parse(json)!.AsArray();

            Assert.Equal(parsed.Count, shape.Count);
            Assert.Equal(json.Contains('\\', StringComparison.Ordinal), shape.Escapes);
            int fault = parsed.ToList().FindIndex(message => message is not JsonObject || !IsText(message["role"]));
            Assert.Equal(fault < 0 ? null : (fault, parsed[fault] is JsonObject), shape.Fault);

            List<JsonObject> objects = [.. parsed.OfType<JsonObject>()];
            MessageMarks marks = (objects.Exists(message => IsText(message["role"]) && (string)message["role"]! == "developer") ? MessageMarks.Developer : 0)
                | (objects.Exists(message => message.ContainsKey("reasoning") || message.ContainsKey("reasoning_content") || message.ContainsKey("thinking_blocks")) ? MessageMarks.Reasoning : 0)
                | (objects.Exists(message => message.ContainsKey("tool_calls") || message.ContainsKey("tool_call_id")) ? MessageMarks.ToolCalls : 0);
            Assert.Equal(marks, shape.Marks);
        }, iter: 5_000);

    private static bool IsText(JsonNode? node) => node?.GetValueKind() == System.Text.Json.JsonValueKind.String;
}
