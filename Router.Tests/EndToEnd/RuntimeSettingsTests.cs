using System.Text.Json.Nodes;

namespace Router.Tests.EndToEnd;

/// <summary>
/// Settings of the API's runtime that nothing would miss until a database stops: without threads in reserve, what waits for
/// timers or Redis then waited for half a second.
/// </summary>
public sealed class RuntimeSettingsTests
{
    [Fact]
    public void The_api_keeps_pool_threads_in_reserve_and_lets_idle_ones_sleep()
    {
        JsonNode settings = JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Router.Api.runtimeconfig.json")))!["runtimeOptions"]!["configProperties"]!;

        Assert.True((int)settings["System.Threading.ThreadPool.MinThreads"]! >= 32);
        Assert.Equal(0, (int)settings["System.Threading.ThreadPool.UnfairSemaphoreSpinLimit"]!);
        Assert.InRange((int)settings["System.GC.Gen0MaxBudget"]!, 16 * 1024 * 1024, 64 * 1024 * 1024);
        Assert.False((bool)settings["System.GC.Concurrent"]!);
        Assert.False((bool)settings["System.GC.Server"]!);
    }
}
