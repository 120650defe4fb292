using System.Globalization;
using Router.Simulator.Faults;
using Router.Simulator.Keys;
using Router.Simulator.Talk;
using Router.Simulator.Wire;

namespace Router.Simulator.Gemini;

/// <summary>One GenerateContentResponse, whole or in chunks.</summary>
internal sealed class GenerateAnswer(Exchange exchange, Reply reply, string model, int candidates, bool showsThoughts, bool signs)
{
    private const string Unknown = ""","xSimulator":{"n":1.0,"s":"kept as sent: é…"}""";
    private readonly string _id = Ids.Next("", 22);

    private string FinishReason => exchange.Fault.FinishReason ?? (reply.Finish is Finish.Length ? "MAX_TOKENS" : "STOP");

    public string ToJson() => reply.Refusal is not null ? Blocked() : Response(string.Join(',', Parts()), FinishReason, reply.CompletionTokens);

    public IEnumerable<(Part Part, string Json)> Chunks()
    {
        if (reply.Refusal is not null)
        {
            yield return (Part.Tail, Blocked());
            yield break;
        }

        for (var i = 0; i < exchange.Fault.EmptyChunks; i++)
            yield return (Part.Head, Response("""{"text":""}""", null, 0));
        var sent = 0;
        if (Thought() is { } thought)
            yield return (Part.Content, Response(thought, null, sent));
        foreach (var piece in reply.Pieces)
        {
            sent += piece.Length;
            yield return (Part.Content, Response($$"""{"text":{{Json.Text(piece)}}}""", null, Tokens.Of(sent) + reply.ReasoningTokens));
        }

        if (reply.ToolCalls.Count > 0)
            yield return (Part.Content, Response(Calls(), null, reply.CompletionTokens));
        yield return (Part.Tail, Response(reply.ToolCalls.Count > 0 ? """{"text":""}""" : $$"""{"text":""{{Signed()}}}""", FinishReason, reply.CompletionTokens));
    }

    private IEnumerable<string> Parts()
    {
        if (Thought() is { } thought)
            yield return thought;
        if (reply.ToolCalls.Count > 0)
            yield return Calls();
        else
            yield return $$"""{"text":{{Json.Text(reply.Text)}}{{Signed()}}}""";
    }

    private string? Thought() => showsThoughts && reply.Reasoning is { } text ? $$"""{"text":{{Json.Text(text)}},"thought":true}""" : null;

    /// <summary>Only the first call of an answer carries the signature.</summary>
    private string Calls() => string.Join(',', reply.ToolCalls.Select((call, i) =>
        $$$"""{"functionCall":{"name":{{{Json.Text(call.Name)}}},"args":{{{call.Arguments}}}}{{{(i == 0 ? Signed() : "")}}}}"""));

    private string Signed() => signs ? $",\"thoughtSignature\":{Json.Text(Signatures.Issue(exchange.Key ?? ""))}" : "";

    private string Response(string parts, string? finish, int completion)
    {
        var finished = finish is null ? "" : $",\"finishReason\":{Json.Text(finish)}";
        var rows = Enumerable.Range(0, candidates).Select(i =>
            $$$"""{"content":{"parts":[{{{parts}}}],"role":"model"}{{{finished}}},"index":{{{Number(i)}}}}""");
        return $$"""{"candidates":[{{string.Join(',', rows)}}]{{Usage(completion)}},"modelVersion":{{Json.Text(model)}},"responseId":{{Json.Text(_id)}}{{Unknown}}}""";
    }

    private string Blocked() =>
        $$$"""{"promptFeedback":{"blockReason":"SAFETY"}{{{Usage(0)}}},"modelVersion":{{{Json.Text(model)}}},"responseId":{{{Json.Text(_id)}}}}""";

    /// <summary>Thoughts are counted beside candidates, not inside them.</summary>
    private string Usage(int completion)
    {
        if (exchange.Fault.NoUsage)
            return "";
        var thoughts = completion > 0 ? reply.ReasoningTokens : 0;
        var visible = Math.Max(0, completion - thoughts);
        var optional = (thoughts > 0 ? $",\"thoughtsTokenCount\":{Number(thoughts)}" : "")
            + (reply.CachedTokens > 0 ? $",\"cachedContentTokenCount\":{Number(reply.CachedTokens)}" : "");
        return $$$""","usageMetadata":{"promptTokenCount":{{{Number(reply.PromptTokens)}}},"candidatesTokenCount":{{{Number(visible)}}},"totalTokenCount":{{{Number(reply.PromptTokens + completion)}}}{{{optional}}},"promptTokensDetails":[{"modality":"TEXT","tokenCount":{{{Number(reply.PromptTokens)}}}}]}""";
    }

    public static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
