using Router.Simulator.Faults;
using Router.Simulator.Vendors;
using Router.Simulator.Wire;

namespace Router.Simulator.Talk;

/// <summary>Writes the answer: the same prompt gets the same words every time.</summary>
internal static class Composer
{
    private const int EchoLimit = 500;
    private const string ReasoningText = "The user asks for something simple. A short, friendly answer will do.";
    private const string RefusalText = "I'm sorry, but I can't help with that.";

    public static Reply Compose(Prompt prompt, Vendor vendor, Fault fault)
    {
        var reasoning = prompt.Reasons ? ReasoningText : null;
        var reasoningTokens = Tokens.Of(reasoning?.Length ?? 0);
        var promptTokens = Tokens.Of(prompt.Characters);
        var reply = new Reply
        {
            Reasoning = reasoning,
            ReasoningTokens = reasoningTokens,
            PromptTokens = promptTokens,
            CachedTokens = promptTokens >= 1024 ? promptTokens / 2 / 128 * 128 : 0,
        };
        if (prompt.LastUser.Contains("refuse", StringComparison.OrdinalIgnoreCase))
            return reply with { Refusal = RefusalText, Finish = Finish.Refusal, CompletionTokens = Tokens.Of(RefusalText.Length) + reasoningTokens };
        if (Calls(prompt, vendor, fault) is { Count: > 0 } calls)
        {
            var length = calls.Sum(c => c.Name.Length + c.Arguments.Length);
            return reply with { ToolCalls = calls, Finish = Finish.ToolCalls, CompletionTokens = Tokens.Of(length) + reasoningTokens };
        }

        var text = TextLimits.Apply(Pieces(prompt, vendor, fault), prompt);
        return reply with
        {
            Pieces = text.Pieces,
            Finish = text.Finish,
            StopSequence = text.StopSequence,
            CompletionTokens = Tokens.Of(text.Pieces.Sum(p => p.Length)) + reasoningTokens,
        };
    }

    private static List<string> Pieces(Prompt prompt, Vendor vendor, Fault fault)
    {
        if (fault.EmptyContent)
            return [];
        if (fault.Chunks is { } count)
            return [.. Enumerable.Repeat(fault.ChunkText ?? (fault.SplitUtf8 ? "tok👋 " : "token "), count)];
        if (fault.ChunkText is { } one)
            return [one];
        if (prompt.Schema is { } schema)
            return Tokens.Split(SchemaInstance.Of(schema).ToJsonString(), 8);
        var text = Words(prompt, vendor) + (fault.SplitUtf8 ? " 👋" : "");
        return prompt.JsonMode ? Tokens.Split($$"""{"answer":{{Json.Text(text)}}}""", 8) : Tokens.SplitWords(text);
    }

    private static string Words(Prompt prompt, Vendor vendor)
    {
        if (prompt.ToolResults.Count > 0)
            return $"The tools answered: {string.Join("; ", prompt.ToolResults)}";
        var echo = prompt.LastUser.Length <= EchoLimit ? prompt.LastUser : $"{prompt.LastUser[..EchoLimit].TrimEnd('\uD83C', '\uD83D', '\uD83E')}…";
        var wave = prompt.LastUser.Any(c => c > 127) ? " 👋" : "";
        return $"Hello! This is the simulated {prompt.Model} of {vendor.Slug}.{wave} You said: {echo}";
    }

    private static List<ToolCall> Calls(Prompt prompt, Vendor vendor, Fault fault)
    {
        if (prompt.Tools.Count == 0 || prompt.ToolMode is ToolMode.None || prompt.ToolResults.Count > 0)
            return [];
        if (prompt.ToolMode is ToolMode.Auto && fault.HugeToolArguments == 0 && !Mentions("tool") && !Mentions("weather"))
            return [];
        var chosen = prompt.NamedTool is { } name
            ? prompt.Tools.Where(t => t.Name == name)
            : prompt.Parallel && Mentions("parallel") ? prompt.Tools : prompt.Tools.Take(1);
        return [.. chosen.Select(t => new ToolCall(Ids.Next(vendor.ToolIdPrefix, vendor.ToolIdLength), t.Name, SchemaInstance.Arguments(t.Schema, fault.HugeToolArguments)))];

        bool Mentions(string word) => prompt.LastUser.Contains(word, StringComparison.OrdinalIgnoreCase);
    }
}
