namespace Router.Core.Usage;

/// <summary><c>Router:Usage</c>.</summary>
public sealed class UsageOptions
{
    public const string Section = "Router:Usage";

    /// <summary>How long a record may wait in memory: what a killed process loses at most.</summary>
    public TimeSpan FlushInterval { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Where batches go that Postgres does not take; survives the process.</summary>
    public string SpoolDirectory { get; set; } = UsageSpool.DefaultDirectory();

    /// <summary>How large the spool may get; beyond it batches wait in memory. 0 is none at all.</summary>
    public long SpoolBytes { get; set; } = 256 * 1024 * 1024;

    /// <summary>How long records are kept in Postgres.</summary>
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(90);
}
