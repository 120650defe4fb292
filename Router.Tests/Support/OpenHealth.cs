using Router.Core.Failures;
using Router.Core.Health;

namespace Router.Tests.Support;

/// <summary>Health that knows what a test says and remembers what it is told.</summary>
internal sealed class OpenHealth : ICredentialHealth
{
    public Dictionary<string, HealthVerdict> Known { get; } = [];

    public List<(string Credential, FailureClass? Failure, TimeSpan? RetryAfter)> Reports { get; } = [];

    public HealthVerdict Check(string credentialId, string model) => Known.GetValueOrDefault(credentialId, HealthVerdict.Good);

    public HealthChange? ReportFailure(string credentialId, string model, FailureClass failure, TimeSpan? retryAfter, string? traceparent)
    {
        lock (Reports)
        {
            Reports.Add((credentialId, failure, retryAfter));
        }

        return null;
    }

    public void ReportSuccess(string credentialId, string model, DateTimeOffset asked)
    {
        lock (Reports)
        {
            Reports.Add((credentialId, null, null));
        }
    }
}
