namespace Router.Core.Limits;

/// <summary>A limit as a caller sees it.</summary>
/// <param name="Remaining">As this replica knows it: others may have used more since it last heard.</param>
/// <param name="Reset">Until the whole limit is there again.</param>
public readonly record struct LimitStatus(long Limit, long Remaining, TimeSpan Reset);
