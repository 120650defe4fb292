namespace Router.Core.Keys;

/// <summary>A saved router as it is stored.</summary>
/// <param name="Revision">Grows with every change.</param>
/// <param name="Definition">Its JSON.</param>
public sealed record SavedRouterRecord(
    Guid Id, string Name, int Revision, string Definition, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);
