using System.Net;
using System.Text;
using CsCheck;
using Microsoft.Extensions.AI;
using Router.Core.Failures;
using Router.Core.Providers.Gemini;
using Router.Core.Wire;

namespace Router.Tests.Dialects.Gemini;

/// <summary>What is read in passing is what a reader of documents reads.</summary>
public sealed class GeminiCandidateSkimTests
{
    private static readonly Gen<string> Text = One("\"Hi\"", "\"\"", "\"a\\u003cb\\n\"", "\"\\ud83d\\ude00\"", "null", "7", "{\"text\":\"no\"}", "[]");

    private static readonly Gen<string> Part = Gen.Frequency(
        (8, Text.Select(text => $"{{\"text\":{text}}}")),
        (1, One("{}", "7", "null", "[{\"text\":\"x\"}]", "{\"text\":\"a\",\"text\":\"b\"}", "{\"thought\":true,\"text\":\"hm\"}", "{\"text\":\"x\",\"thoughtSignature\":\"s\"}", "{\"functionCall\":{\"id\":\"1\",\"name\":\"f\"}}", "{\"new\":1}")));

    private static readonly Gen<string> Member = Gen.Frequency(
        (6, Part.Array[0, 2].Select(parts => $"\"content\":{{\"role\":\"model\",\"parts\":[{string.Join(',', parts)}]}}")),
        (3, One("\"finishReason\":\"STOP\"", "\"finishReason\":\"SAFETY\"", "\"finishReason\":\"MAX_TOKENS\"", "\"finishReason\":\"UNEXPECTED_TOOL_CALL\"", "\"finishReason\":null", "\"finishReason\":[1]", "\"finishReason\":\"\"")),
        (2, One("\"index\":0", "\"index\":1", "\"index\":\"0\"", "\"index\":0.5", "\"index\":null")),
        (2, One("\"content\":null", "\"content\":[]", "\"content\":{\"parts\":{}}", "\"content\":{\"parts\":[],\"parts\":[{\"text\":\"x\"}]}", "\"safetyRatings\":[{\"text\":\"no\",\"index\":3}]")));

    private static readonly Gen<string> Candidate = Gen.Frequency((9, Member.Array[0, 4].Select(members => $"{{{string.Join(',', members)}}}")), (1, One("null", "1", "[]", "\"x\"")));

    private static readonly Gen<string> Body = Gen.Select(
        Gen.Frequency((9, Candidate.Array[0, 2].Select(candidates => $"[{string.Join(',', candidates)}]")), (1, One("null", "{}", "\"x\""))),
        One("", ",\"promptFeedback\":{\"blockReason\":\"SAFETY\"}", ",\"responseId\":\"r\",\"modelVersion\":\"m\"", ",\"responseId\":7"),
        (candidates, rest) => $"{{\"candidates\":{candidates}{rest}}}");

    [Fact]
    public void A_candidate_is_read_alike_in_passing_and_as_a_document()
    {
        int plain = 0;
        Gen.Select(Body, Gen.Bool).Sample((body, partial) =>
        {
            var skim = new GeminiCandidateSkim();
            if (!JsonObject.TryParse(Encoding.UTF8.GetBytes(body), ref skim, out JsonObject? json))
            {
                return;
            }

            plain += skim.IsPlain ? 1 : 0;
            Assert.Equal(Read(json, default, partial), Read(json, skim, partial));
        }, iter: 10_000, threads: 1);
        Assert.True(plain > 100, $"Only {plain} were read in passing.");
    }

    [Theory]
    [InlineData("""{"candidates":[{"content":{"parts":[{"text":"Hi"}],"role":"model"},"index":0}],"usageMetadata":{"promptTokenCount":1}}""")]
    [InlineData("""{"candidates":[{"content":{"parts":[{"text":""}]},"finishReason":"STOP","safetyRatings":[{"category":"x","probability":"LOW"}]}]}""")]
    [InlineData("""{"candidates":[{"finishReason":"MAX_TOKENS"}]}""")]
    public void What_most_chunks_are_is_read_in_passing(string body)
    {
        var skim = new GeminiCandidateSkim();
        Assert.True(JsonObject.TryParse(Encoding.UTF8.GetBytes(body), ref skim, out _));
        Assert.True(skim.IsPlain);
    }

    private static Gen<string> One(params string[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static string Read(JsonObject json, GeminiCandidateSkim skim, bool partial)
    {
        using var http = new HttpResponseMessage(HttpStatusCode.OK);
        var answer = new GeminiAnswer();
        try
        {
            List<AIContent> contents = answer.Read(json, skim, partial, http);
            return $"{answer.Id} {answer.Model} {answer.Finished} {(answer.Finished ? answer.FinishReason : null)}: {string.Join(" | ", contents.Select(Shown))}";
        }
        catch (ProviderException e)
        {
            return e.Message;
        }
    }

    private static string Shown(AIContent content) => content switch
    {
        TextContent text => $"text {text.Text}",
        TextReasoningContent thought => $"thought {thought.Text} {thought.ProtectedData}",
        FunctionCallContent call => $"call {call.CallId} {call.Name}",
        ErrorContent error => $"error {error.Message}",
        _ => content.GetType().Name,
    };
}
