using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.AI;
using Router.Core.Providers.OpenAI;
using Router.Core.Wire;

namespace Router.Tests.Dialects.OpenAI;

/// <summary>Members of a hostile body, on their way into another dialect and onto spans.</summary>
public sealed class TypedMembersTests
{
    [Fact]
    public void A_member_from_within_extra_body_takes_the_place_of_the_one_outside()
    {
        var options = new ChatOptions();
        OpenAIOptionsReader.Fill(Body("""{"temperature":0.5,"top_p":0.25,"x":1}"""), [], [Lifted("temperature", "1"), Lifted("x", "2")], options);
        Assert.Equal((1f, 0.25f, "2"), (options.Temperature, options.TopP, options.AdditionalProperties!["x"]!.ToString()));
    }

    [Fact]
    public void Many_members_inside_and_outside_take_no_longer_than_their_number()
    {
        const int Many = 100_000;
        JsonObject body = Body($"{{{string.Join(',', Enumerable.Range(0, Many).Select(i => $"\"a{i}\":0"))}}}");
        KeyValuePair<string, ReadOnlyMemory<byte>>[] lifted = [.. Enumerable.Range(0, Many).Select(i => Lifted($"b{i}", "0"))];
        var options = new ChatOptions();
        long started = Stopwatch.GetTimestamp();
        OpenAIOptionsReader.Fill(body, [], lifted, options);
        Assert.Equal(2 * Many, options.AdditionalProperties!.Count);
        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.Zero, TimeSpan.FromSeconds(10));
    }

    [Theory]
    [InlineData("json_schema", true)]
    [InlineData("\\ud800", false)]
    public void However_deep_a_schema_stands_before_the_type_a_span_can_be_written(string type, bool json)
    {
        string deep = string.Concat(Enumerable.Repeat("""{"a":""", 100)) + "1" + new string('}', 100);
        JsonObject body = Body($$$"""{"temperature":0.5,"response_format":{"json_schema":{{{deep}}},"type":"{{{type}}}"}}""");
        ChatOptions read = OpenAISampling.Read(new WireRequest(body, [], [], []));
        Assert.Equal((0.5f, json), (read.Temperature, read.ResponseFormat is ChatResponseFormatJson));
    }

    private static JsonObject Body(string text) => JsonObject.Parse(Encoding.UTF8.GetBytes(text));

    private static KeyValuePair<string, ReadOnlyMemory<byte>> Lifted(string name, string json) => new(name, Encoding.UTF8.GetBytes(json));
}
