namespace Router.Core.Keys;

/// <summary><c>Router:Revalidation</c>.</summary>
public sealed class RevalidationOptions
{
    public const string Section = "Router:Revalidation";

    /// <summary>How often a good key is looked at.</summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>How often the worker asks Postgres for due keys.</summary>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How many keys one worker checks at the same time.</summary>
    public int Concurrency { get; set; } = 8;

    /// <summary>How long a check may take.</summary>
    public TimeSpan CheckTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>How many keys one worker may check at the same time.</summary>
    internal const int MostConcurrency = 1_000;

    /// <summary>How long a claim holds; well beyond <see cref="CheckTimeout"/>, so that only a dead worker loses one.</summary>
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(60);

    internal bool IsUsable =>
        ConfiguredTime.IsInterval(Interval) && ConfiguredTime.IsInterval(PollInterval) && ConfiguredTime.IsInterval(CheckTimeout) && ConfiguredTime.IsInterval(Lease)
        && Lease > CheckTimeout && Concurrency is >= 1 and <= MostConcurrency;
}
