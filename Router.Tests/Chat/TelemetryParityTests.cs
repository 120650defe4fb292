using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.AI;
using Router.Core.Keys;
using Router.Core.Providers.OpenAI;
using Router.Core.Telemetry;
using Router.Tests.Support;

namespace Router.Tests.Chat;

/// <summary>Our thin telemetry says what Microsoft.Extensions.AI's own client says, under the same names.</summary>
[Collection(Name)]
public sealed class TelemetryParityTests(Pipeline pipeline) : IClassFixture<Pipeline>
{
    public const string Name = "telemetry parity";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Spans_and_metrics_have_the_names_units_and_tags_of_the_stock_client(bool stream)
    {
        var stock = await WatchAsync("stock", async () =>
        {
            var provider = pipeline.Providers.All.Single(one => one.Slug == "openai");
            using var http = new HttpMessageInvoker(new SocketsHttpHandler());
            using var client = new ChatClientBuilder(new OpenAIChatClient(provider, http, new Secret("sim-good-parity"))).UseOpenTelemetry(sourceName: "stock").Build();
            var options = new ChatOptions
            {
                ModelId = "gpt-4o",
                Temperature = 0.25f,
                TopP = 0.5f,
                MaxOutputTokens = 50,
                FrequencyPenalty = 0.125f,
                PresencePenalty = -0.5f,
                Seed = 7,
                StopSequences = ["END", "STOP"],
                ResponseFormat = ChatResponseFormat.Json,
            };
            if (stream)
                await foreach (var update in client.GetStreamingResponseAsync("Answer in JSON.", options, Cancel))
                    _ = update;
            else
                await client.GetResponseAsync("Answer in JSON.", options, Cancel);
        });
        var ours = await WatchAsync(RouterTelemetry.Name, async () =>
        {
            var request = pipeline.Request($$"""{"model":"openai/gpt-4o","stream":{{(stream ? "true" : "false")}},"temperature":0.25,"top_p":0.5,"max_completion_tokens":50,"frequency_penalty":0.125,"presence_penalty":-0.5,"seed":7,"stop":["END","STOP"],"response_format":{"type":"json_object"},"messages":[{"role":"user","content":"Answer in JSON."}]}""");
            request.Options.Request.Stream = stream;
            if (stream)
                await foreach (var update in pipeline.Router.GetStreamingResponseAsync(request.Messages, request.Options, Cancel))
                    _ = update;
            else
                await pipeline.Router.GetResponseAsync(request.Messages, request.Options, Cancel);
        });

        var (expected, actual) = (stock.Spans.Single(), ours.Spans.Single(span => span.Kind == ActivityKind.Client && span.GetTagItem("gen_ai.operation.name") is not null));
        // Ours also says whose key it was and what became of it.
        Assert.Equal((expected.DisplayName + " [system: success]", expected.Kind, expected.Status), (actual.DisplayName, actual.Kind, actual.Status));
        foreach (var (name, value) in expected.TagObjects)
        {
            var found = actual.GetTagItem(name);
            Assert.True(found is not null, $"{name} is missing.");
            if (name is not ("gen_ai.response.id" or "gen_ai.response.time_to_first_chunk"))
                Assert.Equal(Text(value), Text(found));
        }

        foreach (var (instrument, tags) in stock.Measurements.GroupBy(one => one.Instrument.Name).Select(group => (group.First().Instrument, group.SelectMany(one => one.Tags).Distinct().Order().ToArray())))
        {
            var same = ours.Measurements.Where(one => one.Instrument.Name == instrument.Name).ToArray();
            Assert.True(same.Length > 0, $"{instrument.Name} is missing.");
            Assert.Equal((instrument.GetType(), instrument.Unit), (same[0].Instrument.GetType(), same[0].Instrument.Unit));
            Assert.Equal($"{instrument.Name}: {Buckets(instrument)}", $"{instrument.Name}: {Buckets(same[0].Instrument)}");
            Assert.Equal(tags, same.SelectMany(one => one.Tags).Distinct().Order());
        }

        Assert.NotEmpty(stock.Measurements);
    }

    private static string Text(object? value) => value is string[] many ? $"[{string.Join(",", many)}]" : value switch
    {
        string text when text.StartsWith('[') => text.Replace("\"", "", StringComparison.Ordinal).Replace(", ", ",", StringComparison.Ordinal),
        _ => Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture) ?? "",
    };

    private static string Buckets(Instrument instrument) => instrument switch
    {
        Histogram<double> histogram => string.Join(',', histogram.Advice?.HistogramBucketBoundaries ?? []),
        Histogram<int> histogram => string.Join(',', histogram.Advice?.HistogramBucketBoundaries ?? []),
        _ => "",
    };

    private static async Task<(List<Activity> Spans, List<(Instrument Instrument, string[] Tags)> Measurements)> WatchAsync(string source, Func<Task> act)
    {
        var spans = new ConcurrentQueue<Activity>();
        var measurements = new ConcurrentQueue<(Instrument, string[])>();
        using var root = new Activity("test").Start();
        using var activities = new ActivityListener
        {
            ShouldListenTo = candidate => candidate.Name == source,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity =>
            {
                if (activity.TraceId == root.TraceId)
                    spans.Enqueue(activity);
            },
        };
        ActivitySource.AddActivityListener(activities);
        using var meters = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Name == source && instrument.Name.StartsWith("gen_ai.", StringComparison.Ordinal))
                    self.EnableMeasurementEvents(instrument);
            },
        };
        meters.SetMeasurementEventCallback<double>((instrument, _, tags, _) => measurements.Enqueue((instrument, Keys(tags))));
        meters.SetMeasurementEventCallback<int>((instrument, _, tags, _) => measurements.Enqueue((instrument, Keys(tags))));
        meters.Start();
        await act();
        return ([.. spans], [.. measurements]);

        static string[] Keys(ReadOnlySpan<KeyValuePair<string, object?>> tags) => [.. tags.ToArray().Select(tag => tag.Key)];
    }
}

/// <summary>By itself: a meter is the process's, and other tests' chats would be measured along.</summary>
[CollectionDefinition(TelemetryParityTests.Name, DisableParallelization = true)]
public sealed class TelemetryParityCollection;
