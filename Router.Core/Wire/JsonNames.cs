using System.Text.Json;

namespace Router.Core.Wire;

/// <summary>The member names that nearly every body and chunk has, so that reading them makes no strings.</summary>
internal static class JsonNames
{
    private const int Longest = 24;

    private static readonly (byte[] Utf8, string Name)[][] ByLength = Table(
        "id", "object", "created", "model", "choices", "usage", "index", "delta", "error", "messages", "stream", "stream_options", "temperature",
        "top_p", "max_tokens", "max_completion_tokens", "tools", "tool_choice", "response_format", "system_fingerprint", "service_tier", "obfuscation",
        "metadata", "logprobs", "finish_reason", "role", "content", "stop", "seed", "user", "n", "provider", "providers", "reasoning_effort", "type",
        "message", "candidates", "usageMetadata", "modelVersion", "responseId", "content_block", "prompt_tokens", "completion_tokens", "total_tokens",
        "x_groq", "extra_body", "frequency_penalty", "presence_penalty");

    /// <summary>The name the reader stands at.</summary>
    /// <exception cref="InvalidOperationException">It holds half a surrogate pair.</exception>
    public static string Read(ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped && !reader.HasValueSequence && reader.ValueSpan.Length <= Longest)
        {
            foreach ((byte[] utf8, string name) in ByLength[reader.ValueSpan.Length])
            {
                if (reader.ValueSpan.SequenceEqual(utf8))
                {
                    return name;
                }
            }
        }

        return reader.GetString()!;
    }

    private static (byte[] Utf8, string Name)[][] Table(params string[] names) =>
        [.. Enumerable.Range(0, Longest + 1).Select(length => names.Where(name => name.Length == length).Select(name => (System.Text.Encoding.UTF8.GetBytes(name), name)).ToArray())];
}
