using System.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;
using OpenTelemetry.Trace;

namespace Router.Tests.Signals;

public sealed class TraceRateSamplerTests
{
    [Fact]
    public void Every_trace_is_sampled_while_they_are_few()
    {
        var time = new FakeTimeProvider();
        var sampler = new TraceRateSampler(100, time);
        for (int i = 0; i < 1_000; i++)
        {
            Assert.True(IsSampled(sampler));
            time.Advance(TimeSpan.FromMilliseconds(10));
        }
    }

    [Fact]
    public void So_many_a_second_are_sampled_when_they_are_more()
    {
        var time = new FakeTimeProvider();
        var sampler = new TraceRateSampler(100, time);
        Assert.Equal(100, Sampled(sampler, 10_000));
        int later = 0;
        for (int i = 0; i < 1_000; i++)
        {
            time.Advance(TimeSpan.FromMilliseconds(10));
            later += Sampled(sampler, 7);
        }

        Assert.Equal(1_000, later);
        time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(100, Sampled(sampler, 10_000));
    }

    [Fact]
    public async Task Threads_share_the_number()
    {
        var sampler = new TraceRateSampler(500, new FakeTimeProvider());
        int[] sampled = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Sampled(sampler, 1_000))));
        Assert.Equal(500, sampled.Sum());
    }

    [Theory]
    [InlineData(null, null, true)]
    [InlineData("20", null, true)]
    [InlineData("0", null, false)]
    [InlineData(null, "always_on", false)]
    public void Settings_say_whether_there_is_a_bound(string? rate, string? standard, bool bound) =>
        Assert.Equal(bound, TraceRateSampler.Of(Settings(rate, standard)) is not null);

    [Theory]
    [InlineData("-1")]
    [InlineData("1000001")]
    [InlineData("many")]
    public void What_is_no_number_of_traces_is_refused(string rate) =>
        Assert.Throws<InvalidOperationException>(() => TraceRateSampler.Of(Settings(rate, null)));

    [Fact]
    public void What_began_elsewhere_is_decided_there()
    {
        Sampler sampler = TraceRateSampler.Of(Settings("1", null))!;
        Assert.Equal(1, Sampled(sampler, 10));
        foreach (bool sampled in (bool[])[true, false])
        {
            var parent = new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), sampled ? ActivityTraceFlags.Recorded : ActivityTraceFlags.None, isRemote: true);
            var parameters = new SamplingParameters(parent, parent.TraceId, "chat", ActivityKind.Server);
            Assert.Equal(sampled, sampler.ShouldSample(parameters).Decision == SamplingDecision.RecordAndSample);
        }
    }

    private static int Sampled(Sampler sampler, int asked) => Enumerable.Range(0, asked).Count(_ => IsSampled(sampler));

    private static bool IsSampled(Sampler sampler) => sampler.ShouldSample(default).Decision == SamplingDecision.RecordAndSample;

    private static IConfiguration Settings(string? rate, string? standard) => new ConfigurationBuilder().AddInMemoryCollection(
        new Dictionary<string, string?> { ["Router:Telemetry:TracesPerSecond"] = rate, ["OTEL_TRACES_SAMPLER"] = standard }).Build();
}
