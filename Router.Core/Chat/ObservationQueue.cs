using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Hosting;

namespace Router.Core.Chat;

/// <summary>
/// Puts off what is done about ended requests, and does it for several at once: the same work in a row costs a fraction of what it
/// costs between two requests, whose code has to come back into the processor's caches each time. Not for too many at once, whose
/// data would have left those caches. What is in here when a process is killed is lost, so it is never long: see <see cref="Pause"/>.
/// </summary>
public sealed class ObservationQueue : IHostedService, IDisposable
{
    /// <summary>How long a request may wait here.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>How many wait here before <see cref="Tend"/> does its work.</summary>
    public const int Enough = 8;

    private readonly RequestObservation _observation;
    private readonly ConcurrentQueue<Ended> _ended = new();
    private readonly ITimer _timer;
    private volatile bool _stopped;
    private int _armed;

    public ObservationQueue(RequestObservation observation, TimeProvider time)
    {
        _observation = observation;
        _timer = time.CreateTimer(static queue => ((ObservationQueue)queue!).Drain(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <param name="span">The request's own, as <see cref="RequestObservation.Observe"/> wants it.</param>
    public void Add(RouteRequest request, Activity? span = null)
    {
        _ended.Enqueue(new Ended(request, span));
        if (_stopped)
        {
            // The last drain may have passed this one by.
            Drain();
        }
        else if (Volatile.Read(ref _armed) == 0 && Interlocked.Exchange(ref _armed, 1) == 0)
        {
            _timer.Change(Pause, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>For whoever has just answered a request and has a moment, some microseconds for each that waits.</summary>
    public void Tend()
    {
        if (_ended.Count >= Enough)
        {
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
        Activity? current = Activity.Current;
        // Before the queue is emptied: what comes after that must not wait for a timer nobody sets.
        Volatile.Write(ref _armed, 0);
        while (_ended.TryDequeue(out Ended ended))
        {
            _observation.Observe(ended.Request, ended.Span);
        }

        Activity.Current = current;
    }

    private readonly record struct Ended(RouteRequest Request, Activity? Span);
}
