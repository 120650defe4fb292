namespace Router.Core.Limits;

/// <summary>Limits of workspaces whose policy says nothing, from <c>Router:Limits</c>. 0 is no limit.</summary>
public sealed class LimitOptions
{
    public const string Section = "Router:Limits";

    public long RequestsPerSecond { get; set; } = 25;

    public long TokensPerMinute { get; set; }

    /// <summary>How often the keys of one workspace together may change what every replica holds, or have a provider asked; the administrator is not counted.</summary>
    public long ChangesPerMinute { get; set; } = 60;

    /// <summary>The most a request waits for Redis where its replica holds no lease; beyond it Redis counts as slow.</summary>
    public TimeSpan RedisWait { get; set; } = LimitTimings.Default.Wait;
}
