using Router.Core.Failures;
using Router.Core.Keys;

namespace Router.Core.Health;

/// <summary>Turns a stored key's new status into what replicas hear. Postgres carries the same by the snapshot; this is only faster.</summary>
public sealed class HealthPublisher(HealthOutbox outbox)
{
    /// <summary>Never blocks.</summary>
    public void Publish(string credentialId, KeyVerdict verdict)
    {
        switch (verdict.Status)
        {
            case CredentialStatus.Valid or CredentialStatus.Limited:
                outbox.Share(new(credentialId, "", FailureClass.Unknown, null));
                break;
            case CredentialStatus.Invalid or CredentialStatus.Undecryptable:
                outbox.Share(new(credentialId, "", FailureClass.Credential, Cooldowns.Dead));
                break;
            case CredentialStatus.Quota:
                outbox.Share(new(credentialId, "", FailureClass.Quota, Cooldowns.Quota));
                break;
            case CredentialStatus.RateLimited when verdict.CoolFor is { } pause:
                outbox.Share(new(credentialId, "", FailureClass.RateLimit, pause));
                break;
        }
    }
}
