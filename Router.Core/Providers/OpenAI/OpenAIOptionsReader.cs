using System.Collections.Frozen;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Router.Core.Failures;
using Router.Core.Wire;

namespace Router.Core.Providers.OpenAI;

/// <summary>
/// Fills typed options from a request body of this dialect. What has no typed home, known or not, stands in
/// AdditionalProperties as JSON under its wire name, so that the leaf of another dialect can carry it or report its loss.
/// </summary>
public static class OpenAIOptionsReader
{
    /// <summary>Carried by the route, the messages or the call itself.</summary>
    private static readonly FrozenSet<string> Elsewhere = new[] { "model", "messages", "stream", "stream_options" }.ToFrozenSet(StringComparer.Ordinal);

    /// <param name="leaveOut">Members that are the router's own.</param>
    /// <param name="lifted">Members that stood in <c>extra_body</c>; they win.</param>
    /// <exception cref="RouterException">A member has a type it cannot have.</exception>
    public static void Fill(JsonObject body, IReadOnlyCollection<string> leaveOut, IReadOnlyList<KeyValuePair<string, ReadOnlyMemory<byte>>> lifted, ChatOptions options)
    {
        HashSet<string>? replaced = lifted.Count > 0 ? lifted.Select(member => member.Key).ToHashSet(StringComparer.Ordinal) : null;
        foreach (JsonMember member in body.Members)
        {
            if (replaced?.Contains(member.Name) != true)
            {
                Take(member.Name, body.Value(member));
            }
        }

        foreach ((string name, ReadOnlyMemory<byte> json) in lifted)
        {
            Take(name, json);
        }

        void Take(string name, ReadOnlyMemory<byte> json)
        {
            if (!Elsewhere.Contains(name) && !leaveOut.Contains(name))
            {
                var reader = new Utf8JsonReader(json.Span, JsonDepth.Reader);
                reader.Read();
                if (reader.TokenType != JsonTokenType.Null && !SetNumber(options, name, ref reader))
                {
                    Set(options, name, JsonElement.ParseValue(ref reader));
                }
            }
        }
    }

    private static bool SetNumber(ChatOptions options, string name, ref Utf8JsonReader value)
    {
        switch (name)
        {
            case "temperature":
                options.Temperature = Number(name, ref value);
                return true;
            case "top_p":
                options.TopP = Number(name, ref value);
                return true;
            case "top_k":
                options.TopK = (int)Integer(name, ref value);
                return true;
            case "frequency_penalty":
                options.FrequencyPenalty = Number(name, ref value);
                return true;
            case "presence_penalty":
                options.PresencePenalty = Number(name, ref value);
                return true;
            case "max_tokens":
                options.MaxOutputTokens ??= (int)Integer(name, ref value);
                return true;
            case "max_completion_tokens":
                options.MaxOutputTokens = (int)Integer(name, ref value);
                return true;
            case "seed":
                options.Seed = Integer(name, ref value);
                return true;
            default:
                return false;
        }
    }

    private static void Set(ChatOptions options, string name, JsonElement value)
    {
        switch (name)
        {
            case "stop":
                options.StopSequences = Stops(value);
                break;
            case "tools":
                options.Tools = OpenAIToolReader.Tools(value);
                break;
            case "tool_choice":
                options.ToolMode = OpenAIToolReader.Choice(value);
                break;
            case "parallel_tool_calls":
                options.AllowMultipleToolCalls = value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : throw Invalid(name, "must be true or false");
                break;
            case "response_format":
                options.ResponseFormat = OpenAIToolReader.Format(value);
                break;
            default:
                (options.AdditionalProperties ??= [])[name] = value;
                break;
        }
    }

    internal static RouterException Invalid(string member, string what) =>
        new(RouterError.InvalidRequest($"'{member}' {what}.", member));

    private static float Number(string name, ref Utf8JsonReader value) =>
        value.TokenType == JsonTokenType.Number && value.TryGetSingle(out float number) && float.IsFinite(number) ? number : throw Invalid(name, "must be a number");

    private static long Integer(string name, ref Utf8JsonReader value) =>
        value.TokenType == JsonTokenType.Number && value.TryGetInt64(out long number) && (name == "seed" || number is >= 0 and <= int.MaxValue)
            ? number
            : throw Invalid(name, "must be a whole number");

    private static List<string> Stops(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => [value.GetString()!],
        JsonValueKind.Array when value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String) => [.. value.EnumerateArray().Select(item => item.GetString()!)],
        _ => throw Invalid("stop", "must be a string or a list of strings"),
    };
}
