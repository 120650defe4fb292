using System.Collections.Immutable;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Router.AppHost.Development;

/// <summary>A key that is entered in the dashboard takes effect: who has it restarts with it.</summary>
internal static class RestartsOnNewKeys
{
    // Several may be entered at once.
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(300);

    public static void RestartOnNewKeys(
        this IDistributedApplicationBuilder builder, ImmutableArray<IResourceBuilder<ParameterResource>> keys, params IResourceBuilder<ProjectResource>[] services) =>
        builder.Eventing.Subscribe<BeforeStartEvent>((e, cancellationToken) =>
        {
            _ = WatchAsync(e.Services, [.. keys.Select(key => key.Resource)], [.. services.Select(service => service.Resource)]);
            return Task.CompletedTask;
        });

    private static async Task WatchAsync(IServiceProvider services, ImmutableArray<ParameterResource> keys, ImmutableArray<ProjectResource> projects)
    {
        var stopping = services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        var notifications = services.GetRequiredService<ResourceNotificationService>();
        var commands = services.GetRequiredService<ResourceCommandService>();
        var known = new Dictionary<ParameterResource, string>();
        try
        {
            await foreach (var change in notifications.WatchAsync(stopping))
            {
                if (change.Resource is not ParameterResource key || !keys.Contains(key) || change.Snapshot.State?.Text is not { Length: > 0 }) continue;
                var value = await key.ValueOrEmptyAsync(stopping);
                var changed = known.TryGetValue(key, out var former) && former != value;
                known[key] = value;
                if (!changed) continue;

                await Task.Delay(s_pause, stopping);
                foreach (var project in projects)
                    await commands.ExecuteCommandAsync(project, KnownResourceCommands.RestartCommand, stopping);
            }
        }
        catch (OperationCanceledException)
        {
            // The run ends.
        }
    }
}
