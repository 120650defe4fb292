using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Router.Core.Telemetry;
using Router.Tests.EndToEnd;

namespace Router.Tests.Fleet;

[Collection(FleetCollection.Name)]
public sealed class WorkersTests(Fleet fleet)
{
    private const int Keys = 200;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_workers_share_two_hundred_keys_and_check_each_once_in_each_interval()
    {
        string mark = Guid.NewGuid().ToString("N")[..8];
        string[] keys = [.. Enumerable.Range(0, Keys).Select(i => $"sim-good-{mark}-{i}")];
        // Ten at a time, as people would, only faster.
        await Parallel.ForEachAsync(keys, new ParallelOptions { MaxDegreeOfParallelism = 10, CancellationToken = Cancel }, async (key, _) => await SaveAsync(key));
        await Task.Delay(3 * Fleet.Interval, Cancel);
        JsonArray journal = (JsonArray)JsonNode.Parse(await fleet.Simulator.GetStringAsync("/_simulator/journal", Cancel))!;
        // A save asks for one token beside the check; a re-check does not.
        var checks = journal.Where(entry => ((string?)entry!["key"])?.Contains(mark, StringComparison.Ordinal) == true && (string?)entry["method"] == "GET")
            .GroupBy(entry => (string)entry!["key"]!, entry => DateTimeOffset.Parse((string)entry!["startedAt"]!, CultureInfo.InvariantCulture))
            .ToDictionary(group => group.Key, group => group.Order().ToArray());
        Assert.Equal(keys.Order(StringComparer.Ordinal), checks.Keys.Order(StringComparer.Ordinal));
        foreach (DateTimeOffset[] times in checks.Values)
        {
            // The first is the save's own. An interval is spread by a tenth; a worker looks for due keys four times a second.
            Assert.True(times.Length >= 3, $"A key was checked {times.Length} times.");
            Assert.All(times.Zip(times.Skip(1), (one, next) => next - one), gap => Assert.InRange(gap, 0.88 * Fleet.Interval, 1.1 * Fleet.Interval + TimeSpan.FromSeconds(1.2)));
        }

        HashSet<string> marked = [.. keys];
        var workers = await fleet.Otlp.WaitForAsync(
            spans => spans.Where(span => span.Name == KeyTelemetry.RecheckActivity && span.Tags.GetValueOrDefault(KeyTelemetry.Workspace) is { } workspace && marked.Contains(workspace))
                .GroupBy(span => span.Instance).Select(group => (Worker: group.Key, Checks: group.Count())).ToArray() is { Length: 2 } both ? both : null,
            "re-checks by two workers");
        Assert.All(workers, worker => Assert.True(worker.Checks > Keys / 10, $"{worker.Worker} made {worker.Checks} checks of {workers.Sum(one => one.Checks)}."));
        await Parallel.ForEachAsync(keys, new ParallelOptions { MaxDegreeOfParallelism = 10, CancellationToken = Cancel }, async (key, _) => await fleet.AdminAsync(HttpMethod.Delete, $"/api/workspaces/{key}"));
    }

    [Fact]
    public async Task A_check_whose_worker_is_killed_is_made_by_another()
    {
        TestWorkspace workspace = await fleet.NewWorkspaceAsync();
        string key = $"sim-good-{workspace.Id}";
        await workspace.SaveKeyAsync(key);
        int before = (await fleet.JournalAsync(key)).Count;
        await fleet.ScriptAsync(key, """{"on":"check","script":[{"neverAnswer":true},{"as":"revoked"}]}""");
        await EventuallyAsync(async () => (await fleet.JournalAsync(key)).Count > before);
        foreach (string worker in (string[])["worker-1", "worker-2"])
        {
            await fleet.Running.KillAsync(worker);
        }

        Assert.Equal("valid", (string)(await workspace.KeyAsync())["status"]!);
        await EventuallyAsync(async () => (string)(await workspace.KeyAsync())["status"]! == "invalid");
        Assert.Equal(before + 2, (await fleet.JournalAsync(key)).Count);
        foreach (string worker in (string[])["worker-1", "worker-2"])
        {
            await fleet.Running.UntilHealthyAsync(worker);
        }
    }

    private async Task SaveAsync(string key)
    {
        await fleet.AdminAsync(HttpMethod.Post, "/api/workspaces", new JsonObject { ["id"] = key });
        await fleet.AdminAsync(HttpMethod.Put, $"/api/workspaces/{key}/provider-keys/openai", new JsonObject { ["api_key"] = key });
    }

    private static async Task EventuallyAsync(Func<Task<bool>> condition)
    {
        var clock = Stopwatch.StartNew();
        while (!await condition())
        {
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(30), "It did not come about.");
            await Task.Delay(50, Cancel);
        }
    }
}
