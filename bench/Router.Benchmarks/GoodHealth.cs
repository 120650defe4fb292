using Router.Core.Failures;
using Router.Core.Health;

namespace Router.Benchmarks;

/// <summary>Every key is fine, so that no run depends on the one before.</summary>
internal sealed class GoodHealth : ICredentialHealth
{
    public HealthVerdict Check(string credentialId, string model) => HealthVerdict.Good;

    public HealthChange? ReportFailure(string credentialId, string model, FailureClass failure, TimeSpan? retryAfter, string? traceparent) => null;

    public void ReportSuccess(string credentialId, string model, DateTimeOffset asked)
    {
    }
}
