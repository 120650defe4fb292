using System.Text;

namespace Router.Tests.Attacks.Linear;

/// <summary>Answers of a hostile provider that grow in one place.</summary>
public static class Answers
{
    private const string OpenAI = "openai/gpt-4o";
    private const string Mistral = "mistral/mistral-large-latest";
    private const string Anthropic = "anthropic/claude-haiku-5-5";
    private const string Gemini = "google-ai-studio/gemini-2.5-flash";

    private const string First = "data: {\"id\":\"x\",\"object\":\"chat.completion.chunk\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"Hello\"}}]}\n\n";
    private const string Last = "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";

    private const string MessageStart = "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"role\":\"assistant\",\"content\":[]}}\n\n";
    private const string MessageStop = "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"}}\n\ndata: {\"type\":\"message_stop\"}\n\n";
    private const string BlockStart = "data: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"Hello\"}}\n\n";

    /// <summary>By name: the model, whether it is a stream, and the answer for so many of it.</summary>
    public static IReadOnlyDictionary<string, (string Model, bool Stream, Func<int, string> Text)> All { get; } = new Dictionary<string, (string, bool, Func<int, string>)>
    {
        ["choices"] = (OpenAI, false, n => Completion(Many(n, i => $"{{\"index\":{i},\"message\":{{\"role\":\"assistant\",\"content\":\"x\"}},\"finish_reason\":\"stop\"}}"))),
        ["calls"] = (OpenAI, false, n => Completion($"{{\"index\":0,\"message\":{{\"role\":\"assistant\",\"tool_calls\":[{Many(n, i => $"{{\"id\":\"c{i}\",\"type\":\"function\",\"function\":{{\"name\":\"f\",\"arguments\":\"{{}}\"}}}}")}]}},\"finish_reason\":\"tool_calls\"}}")),
        ["members nobody knows"] = (OpenAI, false, n => Completion("{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"x\"},\"finish_reason\":\"stop\"}", "," + Many(n, i => $"\"u{i}\":1"))),
        ["escapes"] = (OpenAI, false, n => Completion($"{{\"index\":0,\"message\":{{\"role\":\"assistant\",\"content\":\"{Repeat("\\u0041\\n", n)}\"}},\"finish_reason\":\"stop\"}}")),
        ["log probabilities"] = (OpenAI, false, n => Completion($"{{\"index\":0,\"message\":{{\"role\":\"assistant\",\"content\":\"x\"}},\"logprobs\":{{\"content\":[{Many(n, i => $"{{\"token\":\"t{i}\",\"logprob\":-1.5}}")}]}},\"finish_reason\":\"stop\"}}")),
        ["digits of usage"] = (OpenAI, false, n => Completion("{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"x\"},\"finish_reason\":\"stop\"}", $",\"usage\":{{\"prompt_tokens\":1{new string('0', n)}}}")),
        ["chunks"] = (OpenAI, true, n => First + Repeat("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"x\"}}]}\n\n", n) + Last),
        ["chunks with a role alone"] = (OpenAI, true, n => Repeat("data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\"}}]}\n\n", n) + First + Last),
        ["empty lines"] = (OpenAI, true, n => First + Repeat("\n", n) + Last),
        ["comments"] = (OpenAI, true, n => First + Repeat(":\n", n) + Last),
        ["lines of no known field"] = (OpenAI, true, n => First + Repeat("x: y\n", n) + Last),
        ["lines that are no JSON"] = (OpenAI, true, n => First + Repeat("data: {\n\n", n) + Last),
        ["lines of one event"] = (OpenAI, true, n => First + "data: {\"choices\":[\n" + Repeat("data:\n", n) + "data: {\"index\":0,\"delta\":{\"content\":\"x\"}}]}\n\n" + Last),
        ["calls in a stream"] = (OpenAI, true, n => First + Indexed(n, i => $"data: {{\"choices\":[{{\"index\":0,\"delta\":{{\"tool_calls\":[{{\"index\":{i},\"id\":\"c{i}\",\"function\":{{\"name\":\"f\",\"arguments\":\"{{}}\"}}}}]}}}}]}}\n\n") + Last),
        ["pieces of a call"] = (OpenAI, true, n => First + "data: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"c\",\"function\":{\"name\":\"f\",\"arguments\":\"\"}}]}}]}\n\n" + Repeat("data: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"x\"}}]}}]}\n\n", n) + Last),
        ["choices of a stream"] = (OpenAI, true, n => First + Indexed(n, i => $"data: {{\"choices\":[{{\"index\":{i},\"delta\":{{\"content\":\"x\"}}}}]}}\n\n") + Last),
        ["counts in a stream"] = (OpenAI, true, n => First + Repeat("data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":1}}\n\n", n) + Last),
        ["parts"] = (Mistral, false, n => Completion($"{{\"index\":0,\"message\":{{\"role\":\"assistant\",\"content\":[{Many(n, i => $"{{\"type\":\"text\",\"text\":\"x{i}\"}}")}]}},\"finish_reason\":\"stop\"}}")),
        ["thoughts"] = (Mistral, false, n => Completion($"{{\"index\":0,\"message\":{{\"role\":\"assistant\",\"content\":[{{\"type\":\"thinking\",\"thinking\":[{Many(n, i => $"{{\"type\":\"text\",\"text\":\"x{i}\"}}")}]}}]}},\"finish_reason\":\"stop\"}}")),
        ["parts of a chunk"] = (Mistral, true, n => $"data: {{\"choices\":[{{\"index\":0,\"delta\":{{\"content\":[{Many(n, i => $"{{\"type\":\"text\",\"text\":\"x{i}\"}}")}]}}}}]}}\n\n" + Last),
        ["text blocks"] = (Anthropic, false, n => Message(Many(n, i => $"{{\"type\":\"text\",\"text\":\"x{i}\"}}"))),
        ["blocks of calls"] = (Anthropic, false, n => Message(Many(n, i => $"{{\"type\":\"tool_use\",\"id\":\"i{i}\",\"name\":\"n\",\"input\":{{\"a\":{i}}}}}"))),
        ["blocks of thinking"] = (Anthropic, false, n => Message(Many(n, i => $"{{\"type\":\"thinking\",\"thinking\":\"t{i}\",\"signature\":\"s{i}\"}}") + ",{\"type\":\"text\",\"text\":\"x\"}")),
        ["blocks nobody knows"] = (Anthropic, false, n => Message(Many(n, i => $"{{\"type\":\"odd{i}\"}}") + ",{\"type\":\"text\",\"text\":\"x\"}")),
        ["deltas"] = (Anthropic, true, n => MessageStart + BlockStart + Repeat("data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"x\"}}\n\n", n) + MessageStop),
        ["blocks of a stream"] = (Anthropic, true, n => MessageStart + BlockStart + Indexed(n, i => $"data: {{\"type\":\"content_block_start\",\"index\":{i + 1},\"content_block\":{{\"type\":\"tool_use\",\"id\":\"i{i}\",\"name\":\"n\",\"input\":{{}}}}}}\n\n") + MessageStop),
        ["pieces of an input"] = (Anthropic, true, n => MessageStart + "data: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"tool_use\",\"id\":\"i\",\"name\":\"n\",\"input\":{}}}\n\n" + Repeat("data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":\"1\"}}\n\n", n) + MessageStop),
        ["pieces of a thought"] = (Anthropic, true, n => MessageStart + "data: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"thinking\",\"thinking\":\"\"}}\n\n" + Repeat("data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"thinking_delta\",\"thinking\":\"x\"}}\n\n", n) + BlockStart + MessageStop),
        ["pings"] = (Anthropic, true, n => MessageStart + BlockStart + Repeat("event: ping\ndata: {\"type\":\"ping\"}\n\n", n) + MessageStop),
        ["candidates"] = (Gemini, false, n => $"{{\"candidates\":[{Many(n, i => $"{{\"index\":{i},\"content\":{{\"parts\":[{{\"text\":\"x\"}}]}},\"finishReason\":\"STOP\"}}")}]}}"),
        ["parts of a candidate"] = (Gemini, false, n => Candidate(Many(n, i => $"{{\"text\":\"x{i}\"}}"))),
        ["thoughts of a candidate"] = (Gemini, false, n => Candidate(Many(n, i => $"{{\"text\":\"x{i}\",\"thought\":true,\"thoughtSignature\":\"s\"}}") + ",{\"text\":\"x\"}")),
        ["calls of a candidate"] = (Gemini, false, n => Candidate(Many(n, i => $"{{\"functionCall\":{{\"id\":\"i{i}\",\"name\":\"n\",\"args\":{{\"a\":{i}}}}}}}"))),
        ["parts nobody knows"] = (Gemini, false, n => Candidate(Many(n, i => $"{{\"odd{i}\":{{}}}}") + ",{\"text\":\"x\"}")),
        ["candidates of a stream"] = (Gemini, true, n => Repeat("data: {\"candidates\":[{\"index\":0,\"content\":{\"parts\":[{\"text\":\"x\"}]}}]}\n\n", n) + "data: {\"candidates\":[{\"index\":0,\"content\":{\"parts\":[{\"text\":\"x\"}]},\"finishReason\":\"STOP\"}]}\n\n"),
        ["calls of a stream"] = (Gemini, true, n => Indexed(n, i => $"data: {{\"candidates\":[{{\"index\":0,\"content\":{{\"parts\":[{{\"functionCall\":{{\"name\":\"n\",\"args\":{{\"a\":{i}}}}}}}]}}}}]}}\n\n") + "data: {\"candidates\":[{\"index\":0,\"content\":{\"parts\":[{\"text\":\"x\"}]},\"finishReason\":\"STOP\"}]}\n\n"),
    };

    private static string Many(int count, Func<int, string> one) => Bodies.Many(count, one);

    private static string Repeat(string text, int count) => new StringBuilder().Insert(0, text, count).ToString();

    private static string Indexed(int count, Func<int, string> one) => string.Concat(Enumerable.Range(0, count).Select(one));

    private static string Completion(string choices, string more = "") => $"{{\"id\":\"x\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"m\",\"choices\":[{choices}]{more}}}";

    private static string Message(string blocks) => $"{{\"id\":\"m\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"m\",\"content\":[{blocks}],\"stop_reason\":\"end_turn\"}}";

    private static string Candidate(string parts) => $"{{\"candidates\":[{{\"index\":0,\"content\":{{\"role\":\"model\",\"parts\":[{parts}]}},\"finishReason\":\"STOP\"}}]}}";
}
