using CsCheck;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Router.Core.Catalog;
using Router.Core.Health;
using Router.Core.Keys;
using Router.Core.Providers;
using Router.Tests.Support;

namespace Router.Tests.Health;

public sealed class RouteStatisticsTests
{
    private const string Route = "openai/gpt-4o";
    private readonly FakeTimeProvider _time = new();
    private readonly RouteStatistics _statistics;

    public RouteStatisticsTests() => _statistics = Make(_time);

    [Fact]
    public void Nothing_is_known_of_a_route_nobody_used() => Assert.Equal(RouteMeasurement.None, _statistics.Find(Route));

    [Fact]
    public void Names_that_callers_invent_take_nothing_from_the_catalogs_routes()
    {
        var providers = new ProviderRegistry(new ConfigurationBuilder().AddInMemoryCollection([new("Router:Simulator:BaseUrl", "http://127.0.0.1:1")]).Build(), new KeyFingerprint(TestKeys.Ring()));
        var catalog = ModelCatalog.Load(new ConfigurationBuilder().Build(), providers);
        var statistics = new RouteStatistics(_time, Options.Create(new RouteStatisticsOptions()), catalog);
        statistics.Record("openai/of-the-operator", Stream(7));
        for (int i = 0; i < 20_000; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(1));
            statistics.Record($"openai/invented-{i}", Stream(1));
            statistics.Apply($"openai/heard-of-{i}", RouteSample.Failure);
            statistics.Adopt($"openai/stored-{i}", RouteSample.Failure, TimeSpan.Zero);
            if (i % 100 == 0)
            {
                statistics.Record("openai/of-the-operator", Stream(7));
            }
        }

        Assert.InRange(Enumerable.Range(0, 20_000).Count(i => statistics.Find($"openai/invented-{i}") != RouteMeasurement.None), 1, 512);
        Assert.Equal(7, statistics.Find("openai/of-the-operator").Latency!.Value.TotalSeconds, 6);
        foreach (HostedModel hosted in catalog.Hosted)
        {
            statistics.Record(hosted.Name, Stream(3));
            Assert.Equal(3, statistics.Find(hosted.Name).Latency!.Value.TotalSeconds, 6);
        }

        // Nor do other replicas hear of them.
        Assert.Equal(catalog.Hosted.Select(hosted => hosted.Name).Order(), statistics.TakeUnshared().Select(shared => shared.Route).Order());
    }

    [Fact]
    public void After_a_half_life_an_attempt_counts_half()
    {
        _statistics.Record(Route, Stream(3));
        _time.Advance(TimeSpan.FromMinutes(10));
        _statistics.Record(Route, Stream(6));
        Assert.Equal(5, _statistics.Find(Route).Latency!.Value.TotalSeconds, 6);
    }

    [Fact]
    public void Throughput_is_tokens_over_time_so_that_short_answers_weigh_little()
    {
        _statistics.Record(Route, RouteSample.Success(null, 900, TimeSpan.FromSeconds(9)));
        _statistics.Record(Route, RouteSample.Success(null, 1, TimeSpan.FromSeconds(1)));
        _statistics.Record(Route, RouteSample.Success(null, null, TimeSpan.FromSeconds(100)));
        Assert.Equal(90.1, _statistics.Find(Route).Throughput!.Value, 6);
        Assert.Null(_statistics.Find(Route).Latency);
    }

    [Fact]
    public void After_six_half_lives_without_traffic_a_route_is_forgotten()
    {
        _statistics.Record(Route, Stream(1));
        _time.Advance(TimeSpan.FromMinutes(60));
        Assert.NotNull(_statistics.Find(Route).Latency);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(RouteMeasurement.None, _statistics.Find(Route));
    }

    [Fact]
    public void Answers_that_are_not_streamed_do_not_keep_an_old_latency()
    {
        _statistics.Record(Route, Stream(1));
        for (int i = 0; i < 13; i++)
        {
            Assert.NotNull(_statistics.Find(Route).Latency);
            _time.Advance(TimeSpan.FromMinutes(5));
            _statistics.Record(Route, RouteSample.Success(null, 10, TimeSpan.FromSeconds(1)));
        }

        Assert.Null(_statistics.Find(Route).Latency);
        Assert.Equal(10, _statistics.Find(Route).Throughput!.Value, 6);
    }

    [Fact]
    public void Three_failures_in_a_row_make_a_route_failing_until_they_age_or_it_works()
    {
        for (int i = 0; i < 3; i++)
        {
            Assert.False(_statistics.Find(Route).Failing);
            _statistics.Record(Route, RouteSample.Failure);
        }

        Assert.True(_statistics.Find(Route).Failing);
        _time.Advance(TimeSpan.FromMinutes(5));
        Assert.False(_statistics.Find(Route).Failing);

        for (int i = 0; i < 3; i++)
        {
            _statistics.Record("groq/x", RouteSample.Failure);
            _statistics.Record("groq/x", Stream(1));
        }

        Assert.False(_statistics.Find("groq/x").Failing);
    }

    [Fact]
    public void What_one_replica_tells_makes_another_know_the_same() =>
        Gen.Select(Gen.Int[1, 100], Gen.Int[0, 60], Gen.Bool).List[1, 20].Sample(attempts =>
        {
            var time = new FakeTimeProvider();
            (RouteStatistics one, RouteStatistics two) = (Make(time), Make(time));
            foreach ((int latency, int seconds, bool tell) in attempts)
            {
                one.Record(Route, Stream(latency));
                time.Advance(TimeSpan.FromSeconds(seconds));
                if (tell)
                {
                    Tell(one, two);
                }
            }

            Tell(one, two);
            Assert.Equal(one.Find(Route).Latency!.Value.TotalSeconds, two.Find(Route).Latency!.Value.TotalSeconds, 5);
            Assert.Empty(two.TakeUnshared());
        });

    [Fact]
    public void A_late_joiner_takes_what_is_stored_and_one_that_knows_more_does_not()
    {
        _statistics.Record(Route, Stream(2));
        _statistics.Record(Route, Stream(4));
        RouteSample sum = Assert.Single(_statistics.TakeUnshared()).Sum;
        RouteStatistics late = Make(_time);
        late.Adopt(Route, sum, TimeSpan.FromMinutes(10));
        Assert.Equal(3, late.Find(Route).Latency!.Value.TotalSeconds, 6);
        late.Record(Route, Stream(6));
        Assert.Equal(4.5, late.Find(Route).Latency!.Value.TotalSeconds, 6);

        _statistics.Adopt(Route, Stream(100), TimeSpan.Zero);
        Assert.Equal(3, _statistics.Find(Route).Latency!.Value.TotalSeconds, 6);
    }

    [Fact]
    public void What_could_not_be_shared_goes_out_with_the_next()
    {
        _statistics.Record(Route, Stream(2));
        List<SharedRoute> lost = _statistics.TakeUnshared();
        Assert.Empty(_statistics.TakeUnshared());
        _statistics.GiveBack(lost);
        _statistics.Record(Route, Stream(2));
        Assert.Equal(2, Assert.Single(_statistics.TakeUnshared()).Own.Attempts);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(1e300)]
    public void What_cannot_be_a_measurement_is_left_out(double attempts)
    {
        _statistics.Apply(Route, new RouteSample(attempts, 0, 0, 1, 1, 1));
        _statistics.Adopt(Route, new RouteSample(attempts, 0, 0, 1, 1, 1), TimeSpan.Zero);
        Assert.Equal(RouteMeasurement.None, _statistics.Find(Route));
    }

    [Fact]
    public void The_table_does_not_grow_without_end_and_takes_new_routes_once_old_ones_are_forgotten()
    {
        for (int i = 0; i < 10_000; i++)
        {
            _statistics.Record($"openai/{i}", Stream(1));
        }

        Assert.Equal(RouteMeasurement.None, _statistics.Find("openai/9999"));
        _time.Advance(TimeSpan.FromHours(2));
        _statistics.Prune();
        _statistics.Record("openai/9999", Stream(1));
        Assert.NotNull(_statistics.Find("openai/9999").Latency);
    }

    private static RouteSample Stream(double seconds) => RouteSample.Success(TimeSpan.FromSeconds(seconds), null, TimeSpan.FromSeconds(seconds + 1));

    private static void Tell(RouteStatistics from, RouteStatistics to)
    {
        foreach (SharedRoute shared in from.TakeUnshared())
        {
            to.Apply(shared.Route, shared.Own);
        }
    }

    private static RouteStatistics Make(TimeProvider time) => new(time, Options.Create(new RouteStatisticsOptions()));
}
