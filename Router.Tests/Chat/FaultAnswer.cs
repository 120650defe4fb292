using System.Text;
using System.Text.Json.Nodes;

namespace Router.Tests.Chat;

/// <summary>An answer as a client reads it, JSON or stream.</summary>
internal sealed record FaultAnswer(string Text, string? Finish, bool Done, JsonNode? Error, JsonNode? Metadata)
{
    public static FaultAnswer Read(FaultOutcome outcome, bool stream) =>
        stream && outcome.Status == 200 ? OfStream(outcome.Body) : OfJson(JsonNode.Parse(outcome.Body)!);

    /// <summary>The attempts in short: role and outcome.</summary>
    public string Attempts(FaultCell cell) => string.Join(' ', (Metadata?["attempts"]?.AsArray() ?? []).Select(attempt =>
        $"{cell.RoleOf((string)attempt!["credential_type"]!, (string)attempt["model"]!)}:{((bool)attempt["success"]! ? "ok" : attempt["skipped"] is not null ? "skipped" : attempt["error"]!["code"])}"));

    private static FaultAnswer OfJson(JsonNode body)
    {
        JsonNode? choice = body["choices"]?[0];
        return new FaultAnswer((string?)choice?["message"]?["content"] ?? "", (string?)choice?["finish_reason"], false, body["error"], body["metadata"]);
    }

    private static FaultAnswer OfStream(string body)
    {
        var text = new StringBuilder();
        var answer = new FaultAnswer("", null, false, null, null);
        foreach (string line in body.Split('\n').Where(line => line.StartsWith("data: ", StringComparison.Ordinal)))
        {
            Assert.False(answer.Done || answer.Error is not null, $"Something comes after the end: {body}");
            if (line == "data: [DONE]")
            {
                answer = answer with { Done = true };
                continue;
            }

            JsonNode chunk = JsonNode.Parse(line[6..])!;
            JsonNode? choice = chunk["choices"]?.AsArray().FirstOrDefault();
            text.Append((string?)choice?["delta"]?["content"]);
            answer = answer with
            {
                Finish = (string?)choice?["finish_reason"] ?? answer.Finish,
                Error = chunk["error"] ?? answer.Error,
                Metadata = chunk["metadata"] ?? answer.Metadata,
            };
        }

        return answer with { Text = text.ToString() };
    }
}
