using Router.Core.Failures;

namespace Router.Core.Health;

/// <summary>
/// What this replica knows of a credential's health, fed by live traffic, by other replicas and by the worker. Reading
/// and reporting are in-memory and never block; sharing happens behind.
/// </summary>
public interface ICredentialHealth
{
    /// <summary>Whether the credential should be tried for the model now; a dead or cooling one is skipped at no cost.</summary>
    HealthVerdict Check(string credentialId, string model);

    /// <summary>Records a live failure. Only credential, quota and rate-limit failures change a key's health.</summary>
    /// <param name="retryAfter">What the provider asked for, when it did.</param>
    /// <param name="traceparent">The request's W3C trace context, so that the re-check it triggers can link to it.</param>
    /// <returns>What became of the credential by it; null when nothing new did.</returns>
    HealthChange? ReportFailure(string credentialId, string model, FailureClass failure, TimeSpan? retryAfter, string? traceparent);

    /// <param name="asked">When the request that succeeded was made: what was learned of the key since is newer.</param>
    void ReportSuccess(string credentialId, string model, DateTimeOffset asked);
}

/// <param name="Usable">False: skip it.</param>
/// <param name="Reason">Why it is skipped; <see cref="FailureClass.Unknown"/> when usable.</param>
/// <param name="Until">When it may be tried again, where known.</param>
public readonly record struct HealthVerdict(bool Usable, FailureClass Reason, DateTimeOffset? Until)
{
    public static HealthVerdict Good { get; } = new(true, FailureClass.Unknown, null);
}
