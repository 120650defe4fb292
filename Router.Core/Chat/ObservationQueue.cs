using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;

namespace Router.Core.Chat;

/// <summary>
/// Puts off what is done about ended requests, and does it for all that ended meanwhile at once: the same work in a row costs a
/// fraction of what it costs between two requests, whose code has to come back into the processor's caches each time. What is in
/// here when a process is killed is lost, so it is never long: see <see cref="Pause"/>.
/// </summary>
public sealed class ObservationQueue : IHostedService, IDisposable
{
    /// <summary>How long a request may wait here.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>With so many waiting a request is not put off: whoever ends it does its part.</summary>
    private const int Most = 20_000;

    private readonly RequestObservation _observation;
    private readonly ConcurrentQueue<RouteRequest> _ended = new();
    private readonly ITimer _timer;
    private volatile bool _stopped;
    private int _armed;

    public ObservationQueue(RequestObservation observation, TimeProvider time)
    {
        _observation = observation;
        _timer = time.CreateTimer(static queue => ((ObservationQueue)queue!).Drain(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Add(RouteRequest request)
    {
        if (_stopped || _ended.Count >= Most)
        {
            _observation.Observe(request);
            return;
        }

        _ended.Enqueue(request);
        if (Volatile.Read(ref _armed) == 0 && Interlocked.Exchange(ref _armed, 1) == 0)
        {
            _timer.Change(Pause, Timeout.InfiniteTimeSpan);
        }

        if (_stopped)
        {
            // The last drain may have passed this one by.
            Drain();
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>From here on nothing is put off. Stops before the services that write what observers collect, as it is registered after them.</summary>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        _stopped = true;
        Drain();
        return Task.CompletedTask;
    }

    public void Dispose() => _timer.Dispose();

    private void Drain()
    {
        // Before the queue is emptied: what comes after that must not wait for a timer nobody sets.
        Volatile.Write(ref _armed, 0);
        while (_ended.TryDequeue(out RouteRequest? request))
        {
            _observation.Observe(request);
        }
    }
}
