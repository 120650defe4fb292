using System.Text.Json.Nodes;
using Router.Simulator.Keys;
using Router.Simulator.Wire;

namespace Router.Simulator.Gemini;

/// <summary>The rules between function calls, their responses and their thought signatures.</summary>
internal static class FunctionTurns
{
    private const string SkipValidation = "skip_thought_signature_validator";

    public static string? Broken(List<JsonObject> contents, string key, string model)
    {
        var signatures = contents.SelectMany(GenerateRequest.Parts).Select(p => p.Str("thoughtSignature")).OfType<string>();
        if (signatures.Any(s => s != SkipValidation && !Signatures.WasIssuedTo(key, s)))
            return "Corrupted thought signature.";
        for (var i = 0; i < contents.Count; i++)
        {
            var calls = Names(contents[i], "functionCall");
            var answers = i + 1 < contents.Count ? Names(contents[i + 1], "functionResponse") : [];
            if (calls.Count > 0 && calls.Count != answers.Count)
                return "Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.";
            if (calls.Count > 0 && !calls.Order(StringComparer.Ordinal).SequenceEqual(answers.Order(StringComparer.Ordinal)))
                return "Please ensure that function response names match the function call names.";
        }

        return GenerateRequest.IsThinker(model) && contents.Skip(TurnStart(contents)).Any(LacksSignature)
            ? "Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly."
            : null;
    }

    /// <summary>The current turn begins with the last thing the user said that is not a function's response.</summary>
    private static int TurnStart(List<JsonObject> contents) => Math.Max(0, contents.FindLastIndex(c =>
        c.Str("role") is "user" or null && GenerateRequest.Parts(c).Any(p => !p.Has("functionResponse"))));

    private static bool LacksSignature(JsonObject content) =>
        GenerateRequest.Parts(content).FirstOrDefault(p => p.Has("functionCall")) is { } first && !first.Has("thoughtSignature");

    private static List<string> Names(JsonObject content, string kind) =>
        [.. GenerateRequest.Parts(content).Where(p => p.Has(kind)).Select(p => p.Obj(kind).Str("name") ?? "")];
}
