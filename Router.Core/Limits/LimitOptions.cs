namespace Router.Core.Limits;

/// <summary>Limits of workspaces whose policy says nothing, from <c>Router:Limits</c>. 0 is no limit.</summary>
public sealed class LimitOptions
{
    public const string Section = "Router:Limits";

    public long RequestsPerSecond { get; set; } = 25;

    public long TokensPerMinute { get; set; }

    /// <summary>The most a request waits for Redis where its replica holds no lease; beyond it Redis counts as slow.</summary>
    public TimeSpan RedisWait { get; set; } = LimitTimings.Default.Wait;
}
