using System.Text.Json.Nodes;
using CsCheck;
using Microsoft.Extensions.AI;

namespace Router.Tests.Dialects.Gemini;

public sealed class GeminiMappingProperties
{
    private static readonly Gen<string> Text = Gen.OneOf(Gen.String[Gen.Char[' ', '~'], 1, 20], Gen.Const("grüß 😀 \"\\\n"));

    /// <summary>A turn: a user's text, an answer, or a round of calls with results in any order.</summary>
    private static readonly Gen<(int Kind, string Text, int Calls, int Turn)> Turn = Gen.Select(Gen.Int[0, 2], Text, Gen.Int[1, 4], Gen.Int[0, 9]);

    [Fact]
    public void Roles_order_texts_and_the_names_of_calls_survive() => Turn.List[1, 12].Sample(turns =>
    {
        List<ChatMessage> messages = [];
        List<string> expected = [];
        int made = 0;
        foreach ((int kind, string text, int calls, int rotation) in turns)
        {
            if (kind < 2)
            {
                messages.Add(new ChatMessage(kind == 0 ? ChatRole.User : ChatRole.Assistant, text));
                expected.Add($"{(kind == 0 ? "user" : "model")}:{text}");
                continue;
            }

            string[] ids = [.. Enumerable.Range(made, calls).Select(n => $"id{n}")];
            made += calls;
            messages.Add(GeminiRequestTests.Calls(ids));
            expected.Add("model:" + string.Join(',', ids.Select(id => $"call fn_{id} {id}")));
            string[] order = [.. ids.Skip(rotation % calls), .. ids.Take(rotation % calls)];
            messages.AddRange(order.Select(id => GeminiRequestTests.Result(id, $"r {id}")));
            expected.Add("user:" + string.Join(',', ids.Select(id => $"result fn_{id} {id} r {id}")));
        }

        JsonNode body = FakeGoogle.BodyAsync(messages).GetAwaiter().GetResult();
        Assert.Equal(expected, body["contents"]!.AsArray().Select(Read));
    }, iter: 200);

    private static string Read(JsonNode? content) =>
        $"{content!["role"]}:" + string.Join(',', content["parts"]!.AsArray().Select(part =>
            part!["functionCall"] is { } call ? $"call {call["name"]} {call["args"]!["id"]}"
            : part["functionResponse"] is { } result ? $"result {result["name"]} {result["id"]} {result["response"]!["output"]}"
            : (string)part["text"]!));
}
