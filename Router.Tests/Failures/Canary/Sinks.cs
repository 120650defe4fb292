using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Router.Core.Chat;
using Router.Core.Usage;

namespace Router.Tests.Failures.Canary;

/// <summary>Everything that leaves the process beside answers: logs of every level, spans, metrics, receipts. Each is searched as it comes.</summary>
internal sealed class Sinks : ILoggerProvider, ILogger, IRequestObserver
{
    private readonly Detector _detector;
    private readonly ActivityListener _spans;
    private readonly MeterListener _meters = new();
    private int _logged;
    private int _spanned;
    private int _measured;
    private int _receipts;

    public Sinks(Detector detector)
    {
        _detector = detector;
        _spans = new ActivityListener
        {
            ShouldListenTo = _ => true,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = See,
        };
        ActivitySource.AddActivityListener(_spans);
        _meters.InstrumentPublished = (instrument, self) => self.EnableMeasurementEvents(instrument);
        _meters.SetMeasurementEventCallback<long>((instrument, _, tags, _) => See(instrument, tags));
        _meters.SetMeasurementEventCallback<int>((instrument, _, tags, _) => See(instrument, tags));
        _meters.SetMeasurementEventCallback<double>((instrument, _, tags, _) => See(instrument, tags));
        _meters.Start();
    }

    public ConcurrentQueue<string> Found { get; } = [];

    /// <summary>How many of each kind were searched: a sink that sees nothing finds nothing.</summary>
    public (int Logs, int Spans, int Measurements, int Receipts) Seen => (_logged, _spanned, _measured, _receipts);

    public void Search(string where, string text)
    {
        if (_detector.Find(text) is { } piece)
        {
            Found.Enqueue($"'{piece}' in {where}: {(text.Length > 600 ? text[..600] : text)}");
        }
    }

    public void Ended(RouteRequest request)
    {
        int number = 0;
        foreach (AttemptRecord attempt in request.Attempts.Where(attempt => !attempt.Skipped))
        {
            Interlocked.Increment(ref _receipts);
            Search("a receipt", JsonSerializer.Serialize(UsageRecorder.Record(request, attempt, ++number)));
        }
    }

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        Interlocked.Increment(ref _logged);
        Search("a log", $"{formatter(state, exception)} {exception}");
    }

    public void Dispose()
    {
        _spans.Dispose();
        _meters.Dispose();
    }

    private void See(Activity span)
    {
        Interlocked.Increment(ref _spanned);
        IEnumerable<KeyValuePair<string, object?>> tags = span.TagObjects.Concat(span.Events.SelectMany(one => one.Tags));
        Search("a span", $"{span.OperationName} {span.DisplayName} {span.StatusDescription} {string.Join(' ', tags.Select(Show))}");
    }

    private void See(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        Interlocked.Increment(ref _measured);
        Search("a metric", $"{instrument.Name} {string.Join(' ', tags.ToArray().Select(Show))}");
    }

    private static string Show(KeyValuePair<string, object?> tag) => $"{tag.Key}={(tag.Value is string[] texts ? string.Join(',', texts) : tag.Value)}";
}
