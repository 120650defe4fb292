namespace Router.Api.Hosting;

/// <summary>How an API ends, from <c>Router:Shutdown</c>. Both are counted from the signal.</summary>
public sealed class ShutdownOptions
{
    public const string Section = "Router:Shutdown";

    private static readonly TimeSpan s_most = TimeSpan.FromHours(1);

    /// <summary>How long it still takes connections, so that balancers see it go before it is gone.</summary>
    public TimeSpan Drain { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long answers that are under way may take to end.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(120);

    /// <summary>When answers that still run are ended.</summary>
    internal TimeSpan Longest => Drain > Timeout ? Drain : Timeout;

    internal bool IsUsable => Drain >= TimeSpan.Zero && Drain <= s_most && Timeout >= TimeSpan.Zero && Timeout <= s_most;
}
