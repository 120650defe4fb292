using System.Diagnostics.Metrics;

namespace Router.Tests.Signals;

/// <summary>An instrument as the code has it: its kind, its unit, and every tag that a measurement of it carried.</summary>
internal sealed record Signal(string Name, string Kind, string Unit, IReadOnlySet<string> Tags)
{
    public static string KindOf(Instrument instrument) => instrument.GetType().Name.Split('`')[0] switch
    {
        nameof(Counter<>) or nameof(ObservableCounter<>) => "counter",
        nameof(Histogram<>) => "histogram",
        nameof(ObservableGauge<>) => "gauge",
        nameof(UpDownCounter<>) => "updowncounter",
        var other => throw new InvalidOperationException($"{instrument.Name} is a {other}, whose name in Prometheus nobody has settled here."),
    };

    /// <summary>
    /// The series that OpenTelemetry's exporters to Prometheus make of it: dots to underscores, the unit spelled out unless it is
    /// an annotation in braces, <c>_total</c> behind a counter, three series for a histogram.
    /// </summary>
    public IEnumerable<string> Series()
    {
        string unit = Unit switch { "" => "", "s" => "_seconds", "By" => "_bytes", _ when Unit.StartsWith('{') => "", _ => throw new InvalidOperationException($"{Name} is in {Unit}.") };
        string name = Label(Name) + unit;
        return Kind switch
        {
            "counter" => [name + "_total"],
            "histogram" => [name + "_bucket", name + "_sum", name + "_count"],
            _ => [name],
        };
    }

    /// <summary>The labels of one of its series.</summary>
    public IEnumerable<string> Labels(string series) =>
        Tags.Select(Label).Concat(series.EndsWith("_bucket", StringComparison.Ordinal) ? ["le"] : []);

    private static string Label(string name) => name.Replace('.', '_');
}
