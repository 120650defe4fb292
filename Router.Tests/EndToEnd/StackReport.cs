using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Router.AppHost.Development;

namespace Router.Tests.EndToEnd;

/// <summary>Why a stack did not start: the state of each resource, and the last lines.</summary>
internal static class StackReport
{
    private const int Lines = 12;

    public static async Task<string> OfAsync(DistributedApplication app)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        var states = new Dictionary<string, ResourceEvent>();
        using var replay = CancellationTokenSource.CreateLinkedTokenSource(patience.Token);
        replay.CancelAfter(TimeSpan.FromSeconds(1));
        try
        {
            await foreach (ResourceEvent change in app.ResourceNotifications.WatchAsync(replay.Token))
            {
                states[change.ResourceId] = change;
            }
        }
        catch (OperationCanceledException)
        {
            // What is known has been told.
        }

        var report = new StringBuilder("The stack did not start.").AppendLine();
        foreach (ResourceEvent state in states.Values.Where(state => state.Resource is not ParameterResource))
        {
            report.AppendLine($"{state.ResourceId}: {state.Snapshot.State?.Text}, {state.Snapshot.HealthStatus?.ToString() ?? "no health"}{(state.Snapshot.ExitCode is { } code ? $", exit code {code}" : "")}");
            foreach (string line in (await LinesAsync(app, state.ResourceId, patience.Token)).TakeLast(Lines))
            {
                report.AppendLine("    " + line);
            }
        }

        return report.ToString();
    }

    private static async Task<IEnumerable<string>> LinesAsync(DistributedApplication app, string id, CancellationToken cancellationToken)
    {
        List<string> lines = [];
        try
        {
            await foreach (IReadOnlyList<LogLine> batch in app.Services.GetRequiredService<ResourceLoggerService>().GetAllAsync(id).WithCancellation(cancellationToken))
            {
                lines.AddRange(batch.Select(line => line.Content));
            }
        }
        catch (OperationCanceledException)
        {
            // Those that came are told.
        }

        return ProgramLog.Essence(lines);
    }
}
