using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Router.Core.Failures;
using Router.Core.Providers.OpenAI;
using Router.Core.Wire;

namespace Router.Core.Providers.Anthropic;

/// <summary>Tool-call ids and arguments in the shape the API takes.</summary>
internal static class AnthropicIds
{
    /// <summary>Letters, digits, dash and underscore only; the same id always fits to the same, in a call and in its result.</summary>
    public static string Fit(string id) =>
        id.Length > 0 && id.All(IsPlain) ? id : string.Concat("id_", string.Concat(id.Select(c => IsPlain(c) ? c.ToString() : $"_{(int)c:x}")));

    /// <summary>Arguments as an object: the model's own text where it is one, an empty object where there is none.</summary>
    /// <exception cref="RouterException">They nest too deep to be read, and there is no other way to send them.</exception>
    public static string Input(FunctionCallContent call)
    {
        // Text that was no object when it was read stands under a name of its own.
        if (call.Arguments is { Count: 1 } given && given.TryGetValue(OpenAIMessageReader.PartialArguments, out object? unread) && unread is string broken
            && JsonDepth.IsExceeded(Encoding.UTF8.GetBytes(broken)))
        {
            throw new RouterException(RouterError.TooDeep("messages.tool_calls.arguments"));
        }

        string text = OpenAIThinking.Arguments(call);
        try
        {
            using JsonDocument parsed = JsonDocument.Parse(text, JsonDepth.Document);
            return parsed.RootElement.ValueKind == JsonValueKind.Object ? text : "{}";
        }
        catch (JsonException)
        {
            return "{}";
        }
    }

    private static bool IsPlain(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '_';
}
