using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using Router.Api.Dialects;
using Router.Core.Telemetry;
using Router.Worker.Migrations;

namespace Router.Tests.Signals;

/// <summary>What documents say of spans and logs is what the code says.</summary>
public sealed partial class NamesInDocumentsTests
{
    [Fact]
    public void The_tables_of_spans_and_metrics_name_every_tag_and_event_and_no_other()
    {
        HashSet<string> real = [.. Constants(typeof(Tags)).Concat(Constants(typeof(KeyTelemetry))).Concat(Constants(typeof(ChatTelemetry))).Concat(Constants(typeof(LimitTelemetry))).Where(name => name.Contains('.', StringComparison.Ordinal))];
        string text = Documents.Read("operations.md");
        HashSet<string> named = [.. Name().Matches(text[text.IndexOf("## Metrics", StringComparison.Ordinal)..]).Select(match => match.Groups[1].Value)];
        Assert.Equal([], real.Except(named));
        string[] metrics = [.. Documents.Table("operations.md", "Metrics").Select(row => Documents.Code(row[0]).Single())];
        Assert.Equal([], named.Where(name => name.StartsWith("router.", StringComparison.Ordinal)).Except(real).Except(metrics));
    }

    [Fact]
    public void The_table_of_log_events_is_the_events_in_the_code()
    {
        var real = from type in new[] { typeof(Tags).Assembly, typeof(RequestLog).Assembly, typeof(Seed).Assembly }.SelectMany(assembly => assembly.GetTypes())
                   from method in type.GetMethods(BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
                   let message = method.GetCustomAttribute<LoggerMessageAttribute>()
                   where message is not null
                   select $"{(type.IsNested ? "Router.Api" : type.FullName)} {method.Name} {Level(message)} {message.Message}";
        string[] documented = [.. Documents.Table("operations.md", "Logs").Select(row => $"{Documents.Code(row[0]).Single()} {Documents.Code(row[1]).Single()} {row[2]} {row[3]}")];
        Assert.Equal(real.Order(StringComparer.Ordinal), documented.Order(StringComparer.Ordinal));
    }

    /// <summary>One event has its level from what happened.</summary>
    private static string Level(LoggerMessageAttribute message) =>
        message.Level == LogLevel.None ? "information, warning" : message.Level.ToString().ToLowerInvariant();

    private static IEnumerable<string> Constants(Type type) =>
        type.GetFields(BindingFlags.Public | BindingFlags.Static).Where(field => field.IsLiteral).Select(field => (string)field.GetRawConstantValue()!);

    [GeneratedRegex(@"`([a-z_]+(?:\.[a-z_]+)+)`")]
    private static partial Regex Name();
}
