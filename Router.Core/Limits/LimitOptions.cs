namespace Router.Core.Limits;

/// <summary>Limits of workspaces whose policy says nothing, from <c>Router:Limits</c>. 0 is no limit.</summary>
public sealed class LimitOptions
{
    public const string Section = "Router:Limits";

    public long RequestsPerSecond { get; set; } = 25;

    public long TokensPerMinute { get; set; }

    /// <summary>How often the keys of one workspace together may change what every replica holds, or have a provider asked; the administrator is not counted.</summary>
    public long ChangesPerMinute { get; set; } = 60;

    /// <summary>How many wrong keys may be tried from one address, at each door; then it is answered 429.</summary>
    public long FailedKeysPerMinute { get; set; } = 120;

    /// <summary>How many may be tried from all addresses together, at each door; beyond, one from an address is enough.</summary>
    public long FailedKeysInAllPerMinute { get; set; } = 3_000;

    /// <summary>The most a request waits for Redis where its replica holds no lease; beyond it Redis counts as slow.</summary>
    public TimeSpan RedisWait { get; set; } = LimitTimings.Default.Wait;
}
