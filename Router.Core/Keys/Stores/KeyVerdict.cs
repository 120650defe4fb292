namespace Router.Core.Keys;

/// <summary>What a check leads to. Times are durations from now, which Postgres adds to its own clock: one clock for all workers.</summary>
/// <param name="Detail">For a person; never holds any part of a key.</param>
/// <param name="CoolFor">How long the provider asked to be left alone.</param>
/// <param name="NextCheck">When to look again.</param>
/// <param name="ConsecutiveFailures">How many checks in a row did not find the key good; drives the back-off.</param>
/// <param name="Conclusive">False: nobody could tell. It is no newer verdict than the one before, and a re-check asked for is still owed.</param>
public sealed record KeyVerdict(
    CredentialStatus Status, string? Detail, TimeSpan? CoolFor, TimeSpan NextCheck, int ConsecutiveFailures, bool Conclusive = true);
