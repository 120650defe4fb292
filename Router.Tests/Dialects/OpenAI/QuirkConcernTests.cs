using System.Text;
using CsCheck;
using Router.Api.Dialects.OpenAI;
using Router.Core.Chat;
using Router.Core.Providers;
using Router.Core.Providers.OpenAI;
using Router.Core.Wire;

namespace Router.Tests.Dialects.OpenAI;

/// <summary>A request that is said not to concern a provider's quirks is one they would not have changed.</summary>
public sealed class QuirkConcernTests
{
    private static readonly ProviderDefinition[] Providers = [.. ProviderTable.All.Where(provider => provider.Dialect == WireDialect.OpenAI)];

    private static readonly Gen<string> Members = One(
        "\"temperature\":0.5", "\"top_p\":1", "\"max_tokens\":5", "\"max_completion_tokens\":5", "\"logit_bias\":{}", "\"logprobs\":true", "\"top_logprobs\":2", "\"n\":1", "\"n\":2",
        "\"seed\":7", "\"user\":\"u\"", "\"reasoning_effort\":\"minimal\"", "\"reasoning_effort\":\"low\"", "\"parallel_tool_calls\":false", "\"store\":false", "\"frequency_penalty\":0.1",
        "\"presence_penalty\":0", "\"service_tier\":\"auto\"", "\"stop\":\"END\"", "\"unknown_member\":[1]", "\"response_format\":{\"type\":\"text\"}", "\"metadata\":null", "\"include_reasoning\":true", "\"reasoning_format\":\"raw\"");

    private static readonly Gen<string> Messages = One(
        """[{"role":"user","content":"Hi"}]""", """[{"role":"developer","content":"Be kind"}]""", """[{"role":"assistant","content":"x","reasoning_content":"y"}]""",
        """[{"role":"assistant","content":"x","reasoning":"y"}]""", """[{"role":"tool","tool_call_id":"call_123456","content":"1"}]""");

    private static Gen<T> One<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    [Fact]
    public void Nothing_would_have_changed_where_nothing_is_of_concern()
    {
        int unconcerned = 0;
        Gen.Select(One(Providers), One("gpt-4o", "o3-mini", "gpt-5", "grok-4", "magistral-small", "openai/gpt-oss-120b"), Messages, Members.Array[0, 4]).Sample((provider, model, messages, members) =>
        {
            string[] distinct = [.. members.DistinctBy(member => member.Split(':')[0])];
            string body = $"{{{string.Join(",", distinct.Append($"\"messages\":{messages}").Append("\"model\":\"m\""))}}}";
            var json = JsonObject.Parse(Encoding.UTF8.GetBytes(body));
            var wire = new WireRequest(json, [], [], []) { Marks = MessagesShape.Of(Encoding.UTF8.GetBytes(messages)).Marks };
            if (OpenAIQuirks.Concern(wire, model, provider.Quirks))
            {
                return;
            }

            Interlocked.Increment(ref unconcerned);
            var splice = new JsonSplice(json);
            var all = new Dictionary<string, ReadOnlyMemory<byte>>();
            foreach (JsonMember member in json.Members)
            {
                if (member.Name != "model")
                {
                    all[member.Name] = json.Value(member);
                }
            }

            OpenAIQuirks.Apply(splice, all, MessageMarks.Unknown, model, provider.Quirks, new Losses(provider, null));
            Assert.Equal(body, Encoding.UTF8.GetString(splice.ToArray()));
        });
        Assert.True(unconcerned > 10, $"Only {unconcerned} requests were of no concern.");
    }

    [Fact]
    public void A_models_quirks_are_the_same_however_often_they_are_asked_for()
    {
        foreach (Quirks quirks in Providers.Select(provider => provider.Quirks))
        {
            for (int i = 0; i < 2_000; i++)
            {
                string model = i % 2 == 0 ? $"o3-{i}" : $"gpt-4o-{i}";
                ModelQuirk? expected = quirks.Models.FirstOrDefault(quirk => quirk.Model.IsMatch(model));
                Assert.Same(expected, quirks.OfModel(model));
                Assert.Same(expected, quirks.OfModel(model));
            }
        }
    }
}
