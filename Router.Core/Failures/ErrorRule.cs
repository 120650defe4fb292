namespace Router.Core.Failures;

/// <summary>
/// One row of a dialect's, or a provider's, table of errors. It matches when all it names match; the first that does decides. Tables go
/// from what is most sure to what is least: codes, then a status with a code, then a status whose sentence is refined, then bare statuses.
/// </summary>
/// <param name="Failure">The class.</param>
/// <param name="Status">The HTTP status; 0: any from 400 to 499, and none, as in an event of a stream.</param>
/// <param name="Word">A code, type, canonical status or reason, as the provider's documentation names it.</param>
/// <param name="Text">
/// A sentence of the provider's, <c>*</c> for what varies, in any case. Only with a status: wording refines what a status says and
/// decides nothing by itself. Whole sentences rather than words, as providers quote what callers sent.
/// </param>
public sealed record ErrorRule(FailureClass Failure, int Status = 0, string Word = "", string Text = "")
{
    /// <summary>Part of the id of a quota that was exceeded.</summary>
    public string Quota { get; init; } = "";

    /// <summary>True: only where every quota that was exceeded is of that kind.</summary>
    public bool EveryQuota { get; init; }

    /// <summary>The member of the request the error is about.</summary>
    public string Param { get; init; } = "";

    /// <summary>True: only where no quota is named. A provider that runs out of its own capacity names none.</summary>
    public bool NoQuota { get; init; }

    /// <summary><see cref="ProviderException.OfRequest"/>.</summary>
    public bool OfRequest { get; init; }

    public bool ByWording => Text.Length > 0;
}
