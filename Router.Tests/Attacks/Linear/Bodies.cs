using System.Text;

namespace Router.Tests.Attacks.Linear;

/// <summary>Requests that grow in one place: whatever is there many times must cost as much the last time as the first.</summary>
public static class Bodies
{
    private const string Say = """{"role":"user","content":"Hi"}""";
    private const string Tool = """{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{"a":{"type":"string"}}}}}""";

    /// <summary>By name: what stands in the body beside the model, for so many of it.</summary>
    public static IReadOnlyDictionary<string, Func<int, string>> All { get; } = new Dictionary<string, Func<int, string>>
    {
        ["members nobody knows"] = n => $"\"messages\":[{Say}],{Many(n, i => $"\"u{i}\":1")}",
        ["one member again and again"] = n => $"\"messages\":[{Say}],\"metadata\":{{{Many(n, _ => "\"a\":\"b\"")}}}",
        ["messages of one role"] = n => $"\"messages\":[{Many(n, i => $"{{\"role\":\"user\",\"content\":\"x{i}\"}}")}]",
        ["messages of two roles"] = n => $"\"messages\":[{Many(n, i => $"{{\"role\":\"{(i % 2 == 0 ? "user" : "assistant")}\",\"content\":\"x{i}\"}}")},{Say}]",
        ["empty messages"] = n => $"\"messages\":[{Many(n, _ => "{\"role\":\"user\",\"content\":\"\"}")},{Say}]",
        ["system messages"] = n => $"\"messages\":[{Say},{Many(n, i => $"{{\"role\":\"system\",\"content\":\"x{i}\"}}")}]",
        ["members of messages that nobody knows"] = n => $"\"messages\":[{{\"role\":\"user\",\"content\":\"Hi\",{Many(n, i => $"\"u{i}\":1")}}}]",
        ["names of messages"] = n => $"\"messages\":[{Many(n, i => $"{{\"role\":\"user\",\"name\":\"n{i}\",\"content\":\"x\"}}")}]",
        ["tools"] = n => $"\"messages\":[{Say}],\"tools\":[{Many(n, i => Tool.Replace("\"f\"", $"\"f{i}\"", StringComparison.Ordinal))}]",
        ["tools of one name"] = n => $"\"messages\":[{Say}],\"tools\":[{Many(n, _ => Tool)}]",
        ["tools with odd names"] = n => $"\"messages\":[{Say}],\"tools\":[{Many(n, i => Tool.Replace("\"f\"", $"\"f.{i}/ä {new string('x', 70)}\"", StringComparison.Ordinal))}]",
        ["tools of odd kinds"] = n => $"\"messages\":[{Say}],\"tools\":[{Many(n, i => $"{{\"type\":\"odd{i}\",\"x\":1}}")}]",
        ["odd parts"] = n => $"\"messages\":[{{\"role\":\"user\",\"content\":[{{\"type\":\"text\",\"text\":\"Hi\"}},{Many(n, i => $"{{\"type\":\"odd{i}\"}}")}]}}]",
        ["text parts"] = n => $"\"messages\":[{{\"role\":\"user\",\"content\":[{Many(n, i => $"{{\"type\":\"text\",\"text\":\"x{i}\"}}")}]}}]",
        ["image parts"] = n => $"\"messages\":[{{\"role\":\"user\",\"content\":[{Many(n, _ => "{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64,AAAA\"}}")}]}}]",
        ["calls and their results"] = n => $"\"messages\":[{Say},{{\"role\":\"assistant\",\"tool_calls\":[{Many(n, i => $"{{\"id\":\"call_{i}\",\"type\":\"function\",\"function\":{{\"name\":\"f\",\"arguments\":\"{{}}\"}}}}")}]}},{Many(n, i => $"{{\"role\":\"tool\",\"tool_call_id\":\"call_{n - 1 - i}\",\"content\":\"r\"}}")}],\"tools\":[{Tool}]",
        ["rounds of calls"] = n => $"\"messages\":[{Say},{Many(n, i => $"{{\"role\":\"assistant\",\"tool_calls\":[{{\"id\":\"call_{i}\",\"type\":\"function\",\"function\":{{\"name\":\"f\",\"arguments\":\"{{}}\"}}}}]}},{{\"role\":\"tool\",\"tool_call_id\":\"call_{i}\",\"content\":\"r\"}}")}],\"tools\":[{Tool}]",
        ["thinking of earlier answers"] = n => $"\"messages\":[{Say},{{\"role\":\"assistant\",\"content\":\"x\",\"thinking_blocks\":[{Many(n, i => $"{{\"type\":\"thinking\",\"thinking\":\"t{i}\",\"signature\":\"s{i}\"}}")}]}},{Say}]",
        ["properties of a schema"] = n => $"\"messages\":[{Say}],\"response_format\":{{\"type\":\"json_schema\",\"json_schema\":{{\"name\":\"s\",\"strict\":true,\"schema\":{{\"type\":\"object\",\"properties\":{{{Many(n, i => $"\"p{i}\":{{\"type\":\"string\",\"minLength\":1}}")}}},\"required\":[{Many(n, i => $"\"p{i}\"")}]}}}}}}",
        ["references of a schema"] = n => $"\"messages\":[{Say}],\"response_format\":{{\"type\":\"json_schema\",\"json_schema\":{{\"name\":\"s\",\"schema\":{{\"type\":\"object\",\"$defs\":{{{Many(n, i => $"\"d{i}\":{{\"type\":\"object\",\"properties\":{{\"a\":{{\"$ref\":\"#/$defs/d{(i + 1) % n}\"}},\"b\":{{\"$ref\":\"#/$defs/d{(i + 1) % n}\"}}}}}}")}}},\"properties\":{{\"x\":{{\"$ref\":\"#/$defs/d0\"}}}}}}}}}}",
        ["words of an enumeration"] = n => $"\"messages\":[{Say}],\"response_format\":{{\"type\":\"json_schema\",\"json_schema\":{{\"name\":\"s\",\"schema\":{{\"type\":\"object\",\"properties\":{{\"x\":{{\"enum\":[{Many(n, i => $"\"w{i}\"")}]}}}}}}}}}}",
        ["digits of a number"] = n => $"\"messages\":[{Say}],\"x\":1{new string('0', n)},\"seed\":1{new string('0', n)},\"temperature\":0.{new string('1', n)}",
        ["escapes of a text"] = n => $"\"messages\":[{{\"role\":\"user\",\"content\":\"{new StringBuilder().Insert(0, "\\u0041\\n", n)}\"}}]",
        ["white space"] = n => $"\"messages\":[{Say}],{new string(' ', n)}\"x\":1",
        ["brackets side by side"] = n => $"\"messages\":[{Say}],\"x\":[{Many(n, _ => "[[[[]]]]")}]",
        ["models to follow"] = n => $"\"messages\":[{Say}],\"models\":[{Many(Math.Min(n, 400), i => $"\"openai/m{i}\"")}],\"metadata\":{{\"x\":\"{new string('x', n)}\"}}",
        ["variables of a prompt"] = n => $"\"messages\":[{Say}],\"prompt_variables\":{{{Many(n, i => $"\"v{i}\":\"x\"")}}}",
        ["biased tokens"] = n => $"\"messages\":[{Say}],\"logit_bias\":{{{Many(n, i => $"\"{i}\":1")}}}",
        ["words to stop at"] = n => $"\"messages\":[{Say}],\"stop\":[{Many(n, i => $"\"s{i}\"")}]",
        ["members of a vendor's own"] = n => $"\"messages\":[{Say}],\"google\":{{{Many(n, i => $"\"u{i}\":1")}}},\"extra_body\":{{{Many(n, i => $"\"u{i}\":1")}}}",
        ["modalities"] = n => $"\"messages\":[{Say}],\"modalities\":[\"text\",{Many(n, i => $"\"m{i}\"")}]",
        ["marks for a cache"] = n => $"\"messages\":[{{\"role\":\"user\",\"content\":[{Many(n, i => $"{{\"type\":\"text\",\"text\":\"x{i}\",\"cache_control\":{{\"type\":\"ephemeral\"}}}}")}]}}]",
    };

    /// <summary>The body for so many of it.</summary>
    public static byte[] Of(string model, string kind, int count) => Encoding.UTF8.GetBytes($"{{\"model\":\"{model}\",\"max_tokens\":100,{All[kind](count)}}}");

    internal static string Many(int count, Func<int, string> one)
    {
        var text = new StringBuilder();
        for (int i = 0; i < count; i++)
        {
            text.Append(i == 0 ? "" : ",").Append(one(i));
        }

        return text.ToString();
    }
}
