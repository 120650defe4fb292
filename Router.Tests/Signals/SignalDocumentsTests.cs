using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Router.Core.Failures;
using Router.Core.Keys;
using Router.Tests.Chat;

namespace Router.Tests.Signals;

/// <summary>What documents, dashboard and alerts say of metrics is what the code measures, in both directions.</summary>
[Collection(TelemetryParityTests.Name)]
public sealed partial class SignalDocumentsTests(MeasuredSignals signals) : IClassFixture<MeasuredSignals>
{
    private IReadOnlyList<Signal> All => [.. signals.Router, .. signals.Server];

    [Fact]
    public void The_table_of_metrics_is_the_instruments()
    {
        string[] documented = [.. Documents.Table("operations.md", "Metrics").Select(row => $"{Documents.Code(row[0]).Single()} {row[1]} {row[2]} {string.Join(' ', Documents.Code(row[3]).Order())}")];
        string[] real = [.. signals.Router.Select(one => $"{one.Name} {one.Kind} {one.Unit.Trim('{', '}')} {string.Join(' ', one.Tags.Order())}")];
        Assert.Equal(real.Order(), documented.Order());
    }

    [Fact]
    public void Every_query_of_the_dashboard_asks_for_series_and_labels_there_are()
    {
        JsonNode dashboard = JsonNode.Parse(Documents.Read("grafana/router.json"))!;
        var queries = dashboard["panels"]!.AsArray().Where(panel => (string)panel!["type"]! != "row")
            .SelectMany(panel => panel!["targets"]!.AsArray().Select(target => (Panel: (string)panel["title"]!, Query: (string)target!["expr"]!)))
            .Concat(Variables(dashboard)).ToList();
        Assert.True(queries.Count > 30, "The dashboard's queries were not found.");
        Assert.Equal([], queries.SelectMany(query => PromQl.Read(query.Query).Unknown(All).Select(wrong => $"{query.Panel}: {wrong}")));
        Assert.All(queries, query => Assert.NotEmpty(PromQl.Read(query.Query).Selectors));
    }

    [Fact]
    public void Every_metric_is_on_the_dashboard()
    {
        string dashboard = Documents.Read("grafana/router.json");
        Assert.Equal([], signals.Router.Where(signal => !signal.Series().Any(series => dashboard.Contains(series, StringComparison.Ordinal))).Select(signal => signal.Name));
    }

    [Fact]
    public void The_series_the_documents_are_held_to_are_those_an_exporter_makes() =>
        Assert.Equal([], All.SelectMany(signal => signal.Series()).Where(series => !Regex.IsMatch(signals.Scraped, $"^{series}[{{ ]", RegexOptions.Multiline)));

    [Fact]
    public void The_dashboard_can_be_imported()
    {
        JsonNode dashboard = JsonNode.Parse(Documents.Read("grafana/router.json"))!;
        JsonArray panels = dashboard["panels"]!.AsArray();
        Assert.Equal(panels.Count, panels.Select(panel => (int)panel!["id"]!).Distinct().Count());
        HashSet<string> variables = [.. dashboard["templating"]!["list"]!.AsArray().Select(variable => (string)variable!["name"]!)];
        Assert.Contains("datasource", variables);
        string text = dashboard.ToJsonString();
        Assert.Equal([], Variable().Matches(text).Select(match => match.Groups[1].Value).Where(name => !name.StartsWith("__", StringComparison.Ordinal)).Except(variables));
        Assert.All(panels.Where(panel => (string)panel!["type"]! != "row"), panel => Assert.Equal("${datasource}", (string)panel!["datasource"]!["uid"]!));
        Assert.Equal([], Overlaps(panels));
    }

    [Fact]
    public void Every_alert_asks_for_series_and_labels_there_are_and_is_explained()
    {
        (string Name, string Expression)[] alerts = [.. Alert().Matches(Documents.Read("grafana/alerts.yaml")).Select(match => (match.Groups[1].Value, match.Groups[2].Value))];
        Assert.True(alerts.Length >= 10, "The alerts were not found.");
        Assert.Equal(alerts.Length, Documents.Read("grafana/alerts.yaml").Split("expr:").Length - 1);
        Assert.Equal([], alerts.SelectMany(alert => PromQl.Read(alert.Expression).Unknown(All).Select(wrong => $"{alert.Name}: {wrong}")));
        Assert.All(alerts, alert => Assert.NotEmpty(PromQl.Read(alert.Expression).Selectors));

        string[][] explained = [.. Documents.Table("operations.md", "Alerts")];
        Assert.Equal(alerts.Select(alert => $"{alert.Name} {alert.Expression}"), explained.Select(row => $"{Documents.Code(row[0]).Single()} {Documents.Code(row[1]).Single()}"));
    }

    /// <summary>A misspelt outcome matches nothing for ever, which no label test would find.</summary>
    [Fact]
    public void Every_value_asked_for_is_one_the_code_uses()
    {
        string[] classes = [.. Enum.GetValues<FailureClass>().Select(FailureConsequences.Code)];
        var known = new Dictionary<string, string[]>
        {
            ["router_attempt_outcome"] = [.. classes, "success", "cancelled"],
            ["router_failure_class"] = classes,
            ["router_fallback_reason"] = classes,
            ["router_credential_status"] = [.. Enum.GetValues<CredentialStatus>().Select(status => status.ToText())],
            ["router_credential_type"] = ["byok", "system"],
            ["router_limit_mode"] = ["shared", "local"],
            ["router_state_via"] = ["write", "redis", "postgres", "poll"],
            ["http_route"] = ["/v1/chat/completions"],
            ["http_response_status_code"] = ["5..", "424"],
            ["gen_ai_provider_name"] = ["$provider"],
            ["gen_ai_request_model"] = ["$model"],
        };
        var asked = Regex.Matches(Documents.Read("grafana/router.json"), "\"expr\": \"((?:[^\"\\\\]|\\\\.)*)\"").Select(match => Regex.Unescape(match.Groups[1].Value))
            .Concat(Alert().Matches(Documents.Read("grafana/alerts.yaml")).Select(match => match.Groups[2].Value))
            .SelectMany(expression => PromQl.Read(expression).Selectors).SelectMany(selector => selector.Labels).Distinct().ToList();
        Assert.True(asked.Count > 8, "The queries were not found.");
        Assert.Equal([], asked.SelectMany(one => one.Value.Split('|').Except(known[one.Label]).Select(value => $"{one.Label} is never {value}")));
    }

    [Theory]
    [InlineData("sum(rate(router_attempts_total{gen_ai_provider_name=~\"$provider\"}[$__rate_interval]))", "")]
    [InlineData("sum by (router_attempt_outcome) (rate(router_attempts_total[5m]))", "")]
    [InlineData("sum(rate(router_attempts_total[5m])) by (router_attempt_outcom)", "nothing in it has the label router_attempt_outcom")]
    [InlineData("rate(router_attempt_total[5m]) > 0.5 and router_snapshot_age_seconds > 3", "no instrument makes router_attempt_total")]
    [InlineData("router_attempts_total{provider=\"openai\"}", "router_attempts_total has no label provider")]
    [InlineData("histogram_quantile(0.99, sum by (le) (rate(router_plan_duration_seconds_bucket[5m])))", "")]
    [InlineData("histogram_quantile(0.99, sum by (le) (rate(router_plan_duration_seconds[5m])))", "no instrument makes router_plan_duration_seconds|nothing in it has the label le")]
    [InlineData("label_values(router_attempts_total, gen_ai_provider_nam)", "no instrument makes gen_ai_provider_nam")]
    public void The_reader_of_expressions_finds_what_is_wrong(string expression, string wrong) =>
        Assert.Equal(wrong, string.Join('|', PromQl.Read(expression).Unknown(All)));

    /// <summary>A variable's values come from a label of a series, both of which must be.</summary>
    private static IEnumerable<(string Panel, string Query)> Variables(JsonNode dashboard) =>
        from variable in dashboard["templating"]!["list"]!.AsArray()
        where (string)variable!["type"]! == "query"
        let match = LabelValues().Match((string)variable["query"]!["query"]!)
        select ((string)variable["name"]!, match.Success ? $"count by ({match.Groups[2].Value}) ({match.Groups[1].Value})" : "unreadable");

    private static IEnumerable<string> Overlaps(JsonArray panels)
    {
        HashSet<(int X, int Y)> taken = [];
        foreach (JsonNode? panel in panels)
        {
            JsonNode place = panel!["gridPos"]!;
            (int x, int y, int w, int h) = ((int)place["x"]!, (int)place["y"]!, (int)place["w"]!, (int)place["h"]!);
            bool clear = x + w <= 24;
            foreach (int column in Enumerable.Range(x, w))
            {
                foreach (int line in Enumerable.Range(y, h))
                {
                    clear &= taken.Add((column, line));
                }
            }

            if (!clear)
            {
                yield return (string)panel["title"]!;
            }
        }
    }

    [GeneratedRegex(@"\$\{?(\w+)")]
    private static partial Regex Variable();

    [GeneratedRegex(@"^label_values\((.+), (\w+)\)$")]
    private static partial Regex LabelValues();

    [GeneratedRegex(@"- alert: (\w+)\n\s+expr: (.+)\n")]
    private static partial Regex Alert();
}
