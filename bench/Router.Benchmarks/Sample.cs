using System.Text;

namespace Router.Benchmarks;

/// <summary>What callers send and providers answer, in the shapes the providers document.</summary>
internal static class Sample
{
    /// <summary>Chunks with content in a stream.</summary>
    public const int Chunks = 100;

    public static byte[] Request(string model, int promptBytes, bool stream = false) => Encoding.UTF8.GetBytes(
        $$"""{"model":"{{model}}","messages":[{"role":"system","content":"You are brief."},{"role":"user","content":"{{Text(promptBytes)}}"}],"temperature":0.7,"max_tokens":256{{(stream ? ",\"stream\":true" : "")}}}""");

    public static byte[] OpenAIAnswer { get; } = Encoding.UTF8.GetBytes(
        $$$"""{"id":"chatcmpl-1","object":"chat.completion","created":1760000000,"model":"bench","choices":[{"index":0,"message":{"role":"assistant","content":"{{{Text(640)}}}","refusal":null},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":42,"completion_tokens":128,"total_tokens":170}}""");

    public static byte[] AnthropicAnswer { get; } = Encoding.UTF8.GetBytes(
        $$$"""{"id":"msg_1","type":"message","role":"assistant","model":"bench","content":[{"type":"text","text":"{{{Text(640)}}}"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":42,"output_tokens":128}}""");

    public static byte[] GeminiAnswer { get; } = Encoding.UTF8.GetBytes(
        $$$"""{"candidates":[{"content":{"parts":[{"text":"{{{Text(640)}}}"}],"role":"model"},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":42,"candidatesTokenCount":128,"totalTokenCount":170},"modelVersion":"bench","responseId":"1"}""");

    public static byte[] OpenAIStream { get; } = Stream(
        OpenAIEvent("""{"role":"assistant","content":""}""", "null"),
        OpenAIEvent("""{"content":"word "}""", "null"),
        OpenAIEvent("{}", "\"stop\"")
            + "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1760000000,\"model\":\"bench\",\"choices\":[],\"usage\":{\"prompt_tokens\":42,\"completion_tokens\":100,\"total_tokens\":142}}\n\n"
            + "data: [DONE]\n\n");

    public static byte[] AnthropicStream { get; } = Stream(
        AnthropicEvent("message_start", ""","message":{"id":"msg_1","type":"message","role":"assistant","model":"bench","content":[],"stop_reason":null,"usage":{"input_tokens":42,"output_tokens":1}}""")
            + AnthropicEvent("content_block_start", ""","index":0,"content_block":{"type":"text","text":""}"""),
        AnthropicEvent("content_block_delta", ""","index":0,"delta":{"type":"text_delta","text":"word "}"""),
        AnthropicEvent("content_block_stop", ""","index":0""")
            + AnthropicEvent("message_delta", ""","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":100}""")
            + AnthropicEvent("message_stop", ""));

    public static byte[] GeminiStream { get; } = Stream("", GeminiEvent("word ", ""), GeminiEvent("", ",\"finishReason\":\"STOP\""));

    private static string Text(int bytes) => string.Concat(Enumerable.Repeat("Say in a few words why a gateway should cost little. ", (bytes / 53) + 1))[..bytes];

    private static byte[] Stream(string open, string chunk, string close) =>
        Encoding.UTF8.GetBytes(open + string.Concat(Enumerable.Repeat(chunk, Chunks)) + close);

    private static string OpenAIEvent(string delta, string finish) =>
        $$"""data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1760000000,"model":"bench","choices":[{"index":0,"delta":{{delta}},"logprobs":null,"finish_reason":{{finish}}}]}""" + "\n\n";

    private static string AnthropicEvent(string type, string members) =>
        $$"""
        event: {{type}}
        data: {"type":"{{type}}"{{members}}}
        """.ReplaceLineEndings("\n") + "\n\n";

    private static string GeminiEvent(string text, string finish) =>
        $$$"""data: {"candidates":[{"content":{"parts":[{"text":"{{{text}}}"}],"role":"model"}{{{finish}}},"index":0}],"usageMetadata":{"promptTokenCount":42,"candidatesTokenCount":100,"totalTokenCount":142},"modelVersion":"bench","responseId":"1"}""" + "\r\n\r\n";
}
