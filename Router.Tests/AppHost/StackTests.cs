#if !USE_ASPIRE
using System.Diagnostics;
using Router.AppHost.Embedded.Testing;

namespace Router.Tests.AppHost;

/// <summary>The whole system, started as a test starts it.</summary>
public sealed class StackTests
{
    [Fact]
    public async Task The_stack_starts_survives_a_killed_replica_and_leaves_nothing_behind()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The embedded runner needs Linux or macOS.");
        var cancellation = TestContext.Current.CancellationToken;
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.Router_AppHost>(["--Router:Replicas=2"], cancellation);
        await using var app = await builder.BuildAsync(cancellation);
        await app.StartAsync(cancellation);
        await app.ResourceNotifications.WaitForResourceHealthyAsync("api", cancellation).WaitAsync(TimeSpan.FromSeconds(60), cancellation);

        var state = builder.Configuration["Router:StateDirectory"]!;
        Assert.True(Directory.Exists(state));
        Assert.Equal(2, app.GetReplicaEndpoints("api").Count);

        await app.ResourceCommands.KillResourceAsync("api-1", cancellation);
        using var client = app.CreateHttpClient("api");
        Assert.Equal("Healthy", await client.GetStringAsync(new Uri("/health", UriKind.Relative), cancellation));
        await app.ResourceNotifications.WaitForResourceHealthyAsync("api", cancellation).WaitAsync(TimeSpan.FromSeconds(30), cancellation);

        var stopping = Stopwatch.StartNew();
        await app.StopAsync(cancellation);
        Assert.InRange(stopping.Elapsed.TotalSeconds, 0, 5);
        Assert.False(Directory.Exists(state));
    }
}
#endif
