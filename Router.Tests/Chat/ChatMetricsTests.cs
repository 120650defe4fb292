using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text;
using Router.Core.Telemetry;
using Router.Tests.Support;

namespace Router.Tests.Chat;

/// <summary>What a request leaves in the metrics, at the API's door.</summary>
[Collection(TelemetryParityTests.Name)]
public sealed class ChatMetricsTests(Pipeline pipeline) : IClassFixture<Pipeline>
{
    [Fact]
    public async Task A_rescued_stream_counts_its_attempts_its_fallback_its_commit_and_its_rescue()
    {
        var measured = await MeasureAsync("""{"model":"openai/gpt-4o","stream":true,"messages":[{"role":"user","content":"Hi"}],"provider_credentials":{"openai":{"api_key":"sim-invalid"}}}""");
        Assert.Equal(
            [
                "router.attempts credential openai byok",
                "router.attempts success openai system",
                "router.fallbacks credential",
                "router.stream.commits openai",
                "router.stream.rescues openai",
            ],
            measured.Where(one => one.StartsWith("router.attempts", StringComparison.Ordinal) || one.StartsWith("router.fallbacks", StringComparison.Ordinal) || one.StartsWith("router.stream", StringComparison.Ordinal)).Order());
        Assert.Single(measured, one => one.StartsWith("router.plan.duration", StringComparison.Ordinal));
        Assert.Single(measured, one => one.StartsWith("router.request.overhead", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_stream_served_at_once_is_a_commit_and_no_rescue()
    {
        var measured = await MeasureAsync("""{"model":"openai/gpt-4o","stream":true,"messages":[{"role":"user","content":"Hi"}]}""");
        Assert.Contains("router.stream.commits openai", measured);
        Assert.DoesNotContain(measured, one => one.StartsWith("router.stream.rescues", StringComparison.Ordinal) || one.StartsWith("router.fallbacks", StringComparison.Ordinal));
    }

    [Fact]
    public async Task No_tag_holds_what_only_one_caller_has()
    {
        var measured = await MeasureAsync("""{"model":"openai/gpt-4o","user":"canary-user","messages":[{"role":"user","content":"canary-content"}],"provider_credentials":{"openai":{"api_key":"sim-invalid-canary"}}}""");
        Assert.DoesNotContain(measured, one => one.Contains("canary", StringComparison.Ordinal) || one.Contains("default", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("openai/gpt-4o", "gpt-4o")]
    [InlineData("openai/GPT-4o", "gpt-4o")]
    [InlineData("openai/canary-model", "_OTHER")]
    public async Task A_model_is_a_tag_by_its_name_in_the_catalog_and_any_other_is_one_value(string model, string tag)
    {
        var measured = await MeasureAsync($$"""{"model":"{{model}}","stream":true,"messages":[{"role":"user","content":"Hi"}]}""");
        Assert.DoesNotContain(measured, one => one.Contains("canary", StringComparison.Ordinal) || one.Contains("GPT", StringComparison.Ordinal));
        Assert.Contains(measured, one => one.StartsWith("gen_ai.client.operation.duration", StringComparison.Ordinal) && one.Split(' ').Contains(tag));
    }

    /// <summary>Each measurement as its instrument's name and the values of its tags.</summary>
    private async Task<IReadOnlyCollection<string>> MeasureAsync(string body)
    {
        var measured = new ConcurrentQueue<string>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Name == RouterTelemetry.Name && instrument is not ObservableInstrument<int> and not ObservableInstrument<double>)
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, _, tags, _) => Add(instrument, tags));
        listener.SetMeasurementEventCallback<int>((instrument, _, tags, _) => Add(instrument, tags));
        listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Add(instrument, tags));
        listener.Start();
        await using (ApiHost host = await ApiHost.StartAsync(pipeline.Simulator.BaseAddress!.ToString()))
        {
            HttpResponseMessage response = await host.Client.PostAsync("/v1/chat/completions", new StringContent(body, Encoding.UTF8, "application/json"), TestContext.Current.CancellationToken);
            Assert.Equal(200, (int)response.StatusCode);
            await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        }

        return measured;

        void Add(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            string text = instrument.Name;
            foreach (KeyValuePair<string, object?> tag in tags.ToArray().OrderBy(tag => tag.Key == ChatTelemetry.Outcome ? 0 : tag.Key == Tags.ProviderName ? 1 : 2))
            {
                text += $" {tag.Value}";
            }

            measured.Enqueue(text);
        }
    }
}
