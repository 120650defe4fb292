namespace Router.Simulator.Vendors;

/// <summary>An error before it has a vendor's envelope.</summary>
/// <param name="Raw">The whole body as it is, for errors that leave the vendor's usual envelope.</param>
internal sealed record Failure(
    int Status, string Message, string? Type = null, string? Code = null, string? Param = null, string? Raw = null)
{
    /// <summary>Seconds for Retry-After, or for Google's RetryInfo.</summary>
    public int? RetryAfterSeconds { get; init; }
}

/// <summary>What can be wrong with a key or a call; each vendor has its own row for each.</summary>
internal enum Trouble
{
    MissingKey,
    WrongKey,
    Expired,
    Revoked,
    NoCredit,
    RateLimited,
    NoAccess,
    Restricted,
    Down,
    Region,
    BadRequest,
}
