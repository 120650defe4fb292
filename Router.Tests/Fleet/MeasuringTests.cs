using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Router.Tests.Fleet;

/// <summary>What one replica measures, the other ranks by.</summary>
[Collection(FleetCollection.Name)]
public sealed class MeasuringTests(Fleet fleet)
{
    private const string Messages = "\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_latency_measured_on_one_replica_ranks_on_the_other()
    {
        (HttpClient measuring, HttpClient ranking) = (fleet.Replicas[0], fleet.Replicas[1]);
        // By price alone the slow one would be first. No other test of this fleet asks either: what it measured would rank here.
        (string slow, string fast) = ("openai/gpt-4.1-mini", "openai/gpt-4.1");
        Assert.Equal([slow, fast], await PlanAsync(ranking, slow, fast));
        await StreamAsync(measuring, slow, ""","simulate":{"delayBeforeFirstTokenMs":2000}""");
        await StreamAsync(measuring, fast, "");

        var clock = Stopwatch.StartNew();
        while (!(await PlanAsync(ranking, slow, fast)).SequenceEqual([fast, slow]))
        {
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(10), "The measurement did not reach the other replica.");
            await Task.Delay(50, Cancel);
        }
    }

    private async Task StreamAsync(HttpClient replica, string model, string members)
    {
        using HttpRequestMessage request = fleet.Chat($$"""{"model":"{{model}}","stream":true,{{Messages}}{{members}}}""");
        using HttpResponseMessage response = await replica.SendAsync(request, Cancel);
        Assert.EndsWith("data: [DONE]\n\n", await response.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    private async Task<string[]> PlanAsync(HttpClient replica, params string[] pool)
    {
        using HttpRequestMessage request = fleet.Chat($$"""{"model":"auto","models":["{{string.Join("\",\"", pool)}}"],{{Messages}}}""");
        request.RequestUri = new Uri("/v1/chat/completions:explain", UriKind.Relative);
        using HttpResponseMessage response = await replica.SendAsync(request, Cancel);
        JsonNode body = JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancel))!;
        return [.. body["entries"]!.AsArray().Select(entry => (string)entry!["model"]!)];
    }
}
