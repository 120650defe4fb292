namespace Router.Core.Limits;

/// <summary>At most so much per fixed window. Windows of one counter follow each other without a gap.</summary>
public readonly record struct LimitRule(long Amount, TimeSpan Window);
