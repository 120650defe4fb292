using System.Diagnostics;
using Microsoft.Extensions.Time.Testing;
using Router.Core.Chat;
using Router.Core.Telemetry;
using Router.Tests.Support;

namespace Router.Tests.Chat;

public sealed class ObservationQueueTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly Seen _seen = new();
    private readonly ObservationQueue _queue;

    public ObservationQueueTests() => _queue = new(new RequestObservation(null, null, new Broken(), _seen), _time);

    public void Dispose() => _queue.Dispose();

    [Fact]
    public void Ended_requests_are_observed_together_a_little_later_in_their_order()
    {
        RouteRequest[] first = [Request(), Request()];
        Array.ForEach(first, request => _queue.Add(request));
        Assert.Empty(_seen.Requests);
        _time.Advance(ObservationQueue.Pause);
        Assert.Equal(first, _seen.Requests);

        RouteRequest next = Request();
        _queue.Add(next);
        _time.Advance(ObservationQueue.Pause);
        Assert.Equal([.. first, next], _seen.Requests);
    }

    [Fact]
    public async Task A_service_that_stops_leaves_nothing_behind_and_puts_nothing_off()
    {
        RouteRequest before = Request();
        _queue.Add(before);
        await _queue.StopAsync(TestContext.Current.CancellationToken);
        Assert.Equal([before], _seen.Requests);
        RouteRequest after = Request();
        _queue.Add(after);
        Assert.Equal([before, after], _seen.Requests);
    }

    [Fact]
    public void Enough_of_them_are_not_left_to_wait()
    {
        for (int i = 1; i < ObservationQueue.Enough; i++)
        {
            _queue.Add(Request());
            _queue.Tend();
        }

        Assert.Empty(_seen.Requests);
        _queue.Add(Request());
        _queue.Tend();
        Assert.Equal(ObservationQueue.Enough, _seen.Count);
    }

    [Fact]
    public void Each_is_observed_within_its_own_span_which_then_stops_with_the_end_it_had()
    {
        using var source = new ActivitySource("ended");
        List<Activity> stopped = [];
        using var listener = new ActivityListener
        {
            ShouldListenTo = other => other == source,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = stopped.Add,
        };
        ActivitySource.AddActivityListener(listener);
        using var current = new Activity("somebody else's");
        current.Start();
        Activity first = Begin(source);
        Activity last = Begin(source);

        _queue.Add(Request(), first);
        _queue.Add(Request());
        _queue.Add(Request(), last);
        Assert.Empty(stopped);
        _time.Advance(ObservationQueue.Pause);

        Assert.Equal([first, null, last], _seen.Within);
        Assert.Equal([first, last], stopped);
        Assert.All(stopped, span => Assert.Equal(TimeSpan.FromSeconds(3), span.Duration));
        Assert.All(stopped, span => Assert.Contains(span.TagObjects, tag => tag.Key == Tags.AttemptCount));
        Assert.Same(current, Activity.Current);
    }

    private static Activity Begin(ActivitySource source)
    {
        Activity? before = Activity.Current;
        Activity span = source.StartActivity()!;
        Activity.Current = before;
        span.SetEndTime(span.StartTimeUtc.AddSeconds(3));
        return span;
    }

    [Fact]
    public async Task None_is_lost_or_seen_twice_while_many_end_and_the_service_stops()
    {
        var queue = new ObservationQueue(new RequestObservation(null, null, _seen), TimeProvider.System);
        RouteRequest[] requests = [.. Enumerable.Range(0, 4_000).Select(_ => Request())];
        Task adding = Parallel.ForEachAsync(requests, TestContext.Current.CancellationToken, (request, _) =>
        {
            queue.Add(request);
            return ValueTask.CompletedTask;
        });
        await queue.StopAsync(TestContext.Current.CancellationToken);
        await adding;
        await Eventually.HoldsAsync(() => _seen.Count == requests.Length, TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        Assert.Equal(requests.Length, _seen.Requests.Distinct().Count());
        queue.Dispose();
    }

    private static RouteRequest Request() => new() { Workspace = Pipeline.Workspace(null), Model = "openai/gpt-4o" };

    private sealed class Seen : IRequestObserver
    {
        private readonly List<RouteRequest> _requests = [];

        /// <summary>The activity that was current for each.</summary>
        public List<Activity?> Within { get; } = [];

        public RouteRequest[] Requests
        {
            get
            {
                lock (_requests)
                {
                    return [.. _requests];
                }
            }
        }

        public int Count => Requests.Length;

        public void Ended(RouteRequest request)
        {
            lock (_requests)
            {
                _requests.Add(request);
                Within.Add(Activity.Current);
            }
        }
    }

    private sealed class Broken : IRequestObserver
    {
        public void Ended(RouteRequest request) => throw new InvalidOperationException("Broken on purpose.");
    }
}
