using Microsoft.Extensions.Time.Testing;
using Router.Core.Chat;
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
        Array.ForEach(first, _queue.Add);
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
    public void Beyond_a_bound_whoever_ends_a_request_observes_it()
    {
        for (int i = 0; i < 20_000; i++)
        {
            _queue.Add(Request());
        }

        Assert.Empty(_seen.Requests);
        RouteRequest one = Request();
        _queue.Add(one);
        Assert.Equal([one], _seen.Requests);
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
            }
        }
    }

    private sealed class Broken : IRequestObserver
    {
        public void Ended(RouteRequest request) => throw new InvalidOperationException("Broken on purpose.");
    }
}
