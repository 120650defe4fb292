namespace Router.Core.Limits;

/// <summary>What one counter says to one request.</summary>
/// <param name="Shared">False when it was decided on this replica alone because Redis does not answer.</param>
/// <param name="Window">The window a request was taken from, to give it back to; meaningless when refused.</param>
internal readonly record struct LimitVerdict(bool Allowed, bool Shared, LimitStatus Status, long Window);
