using System.Text.Json;
using Microsoft.Extensions.AI;
using Router.Core.Failures;
using Router.Core.Health;
using Router.Core.Routing;

namespace Router.Core.Chat;

/// <summary>
/// Measures one attempt for the statistics of its route: time to first token (streams only: a JSON answer does not tell), output
/// tokens per second, failures that are the provider's own. Counts only the time the provider takes, never the time a slow
/// caller takes to read.
/// </summary>
internal sealed class RouteMeasure(AttemptServices services, Attempt attempt, string workspace)
{
    private readonly TimeProvider _time = services.Time;
    private TimeSpan _waited;
    private TimeSpan? _firstToken;
    private long? _tokens;
    private long _asked;

    /// <summary>From here on the provider is waited for.</summary>
    public void Asks() => Asks(_time.GetTimestamp());

    /// <summary>Since this timestamp the provider is waited for.</summary>
    public void Asks(long at) => _asked = at;

    /// <summary>It has sent something, as it comes from the wire.</summary>
    public void Got(bool content, long? tokens)
    {
        _waited += _time.GetElapsedTime(_asked);
        _firstToken ??= content ? _waited : null;
        _tokens = tokens ?? _tokens;
    }

    /// <summary>A stream has ended well.</summary>
    public void Streamed() => Succeeded(RouteSample.Success(_firstToken, _tokens, _waited));

    /// <summary>A JSON answer has come.</summary>
    public void Answered(ChatResponse response) => Succeeded(RouteSample.Success(null, response.Usage?.OutputTokenCount, _time.GetElapsedTime(_asked)));

    public void Failed(Exception error, FallbackOptions limits)
    {
        bool own = IsProvidersOwn(error, limits);
        if (own)
        {
            Record(RouteSample.Failure);
        }

        // One that is given up for another model's sake may be slow by what it was asked; its workspace need not wait for it each time.
        if (own ? error is not ProviderException { Failure: not FailureClass.Transient } : error is OperationCanceledException && attempt.Clock.GaveUpEarly)
        {
            services.Breakers?.Failed(attempt.Entry, workspace);
        }
    }

    private void Succeeded(RouteSample sample)
    {
        Record(sample);
        services.Breakers?.Succeeded(attempt.Entry, workspace);
    }

    private void Record(RouteSample sample) => services.Statistics?.Record(attempt.Entry.Hosted?.Name ?? attempt.Entry.QualifiedModel, sample, workspace);

    /// <summary>
    /// Statistics are shared by all tenants, so what a tenant can bring about does not count: its cancellation, its own time
    /// limits, what its own key may not use, what is said of its request alone, and what a provider's wording makes of it.
    /// </summary>
    private bool IsProvidersOwn(Exception error, FallbackOptions limits) => error switch
    {
        OperationCanceledException => attempt.Clock is { Expired: true, GaveUpEarly: false, TookTooLong: false } && limits is { TtftTimeout: null, Deadline: null },
        ProviderException { OfRequest: true } or ProviderException { ByWording: true } => false,
        ProviderException failure => failure.Failure switch
        {
            // A tenant's key may name the host that is called; one that is not there says nothing of the provider.
            FailureClass.Transient => attempt.Clock.Headers is not null || attempt.Entry.Credential.Type == CredentialType.System,
            FailureClass.ModelAccess or FailureClass.RegionBlocked => attempt.Entry.Credential.Type == CredentialType.System,
            _ => false,
        },
        HttpRequestException or IOException => attempt.Clock.Headers is not null || attempt.Entry.Credential.Type == CredentialType.System,
        InvalidDataException or JsonException => true,
        _ => false,
    };
}
