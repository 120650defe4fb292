using Router.Tests.EndToEnd;

namespace Router.Tests.AppHost;

/// <summary>The whole system, started as a test starts it.</summary>
public sealed class StackTests
{
    [Fact]
    public async Task The_stack_starts_survives_killed_processes_and_leaves_nothing_behind()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.Router_AppHost>(["--Router:Replicas=2"], cancellation);
        // As a process that serves chats inline hands it down: migrations connect synchronously, and may not wait for the thread they are on.
        builder.CreateResourceBuilder((ProjectResource)builder.Resources.Single(r => r.Name == "migrations")).WithEnvironment("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1");
        await using var app = await builder.BuildAsync(cancellation);
        await app.StartAsync(cancellation);
        await app.ResourceNotifications.WaitForResourceHealthyAsync("api", cancellation).WaitAsync(TimeSpan.FromMinutes(2), cancellation);
        var state = builder.Configuration["Router:StateDirectory"]!;
        Assert.True(Directory.Exists(state));

        var running = new RunningApp(app);
        using var client = app.CreateHttpClient("api", "http");
        await running.KillAsync("api-1");
        Assert.Equal("Healthy", await client.GetStringAsync(new Uri("/health", UriKind.Relative), cancellation));
        await running.UntilHealthyAsync("api-1");
        foreach (string server in (string[])["postgres", "cache", "worker"])
        {
            await running.KillAsync(server);
            await running.UntilHealthyAsync(server);
        }

        await app.StopAsync(cancellation);
        Assert.False(Directory.Exists(state));
    }
}
