namespace Router.Core.Keys;

/// <summary><c>Router:Snapshot</c>.</summary>
public sealed class SnapshotOptions
{
    public const string Section = "Router:Snapshot";

    /// <summary>How often the state's version is read. Bounds how late a change arrives with both notifications lost.</summary>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest a load may take before it counts as failed and the last snapshot stays.</summary>
    public TimeSpan LoadTimeout { get; set; } = TimeSpan.FromSeconds(5);
}
