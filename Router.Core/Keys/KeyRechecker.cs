using System.Diagnostics;
using Router.Core.Health;
using Router.Core.Providers;
using Router.Core.Telemetry;

namespace Router.Core.Keys;

/// <summary>Checks one stored key against its provider and writes what came of it. Used by the worker and by a person's "check now".</summary>
public sealed class KeyRechecker(
    KeyCheckStore store, KeyCipher cipher, IKeyChecker checker, RevalidationPolicy policy, HealthPublisher health, StateChannel channel, TimeProvider time, ProviderRegistry? providers = null, InferenceProbe? probe = null)
{
    /// <param name="claimant">Who holds the claim; null for a check a person asked for.</param>
    /// <param name="timeout">How long the provider has; beyond it, it could not be asked.</param>
    /// <param name="origin">The person who asked; null for the worker.</param>
    /// <returns>The verdict; null when the key was replaced or deleted meanwhile, or the claim was lost.</returns>
    public async Task<KeyVerdict?> RecheckAsync(StoredKey key, string? claimant, TimeSpan timeout, AuditOrigin? origin, CancellationToken cancellationToken)
    {
        // A key that is gone since it was read is not sent.
        if (!await store.IsStoredAsync(key, cancellationToken).ConfigureAwait(false))
            return null;
        using var activity = Start(key, root: claimant is not null);
        var (verdict, outcome) = await CheckAsync(key, timeout, byPerson: claimant is null, cancellationToken).ConfigureAwait(false);
        var trigger = claimant is null ? "person" : key.Trigger;
        KeyTelemetry.Checks.Add(1, new(KeyTelemetry.Provider, TelemetryName(key)), new(KeyTelemetry.CheckOutcome, outcome), new(KeyTelemetry.CheckTrigger, trigger));
        activity?.Tag(KeyTelemetry.CheckTrigger, trigger).Tag(KeyTelemetry.CheckOutcome, outcome)
            .Tag(KeyTelemetry.StatusBefore, key.Status.ToText())
            .Tag(KeyTelemetry.StatusAfter, verdict.Status.ToText());
        if (!await store.RecordAsync(key, verdict, claimant, origin, cancellationToken).ConfigureAwait(false))
        {
            activity?.AddEvent(new("verdict void: key replaced, deleted or claimed by another"));
            return null;
        }

        if (verdict.Status != key.Status)
        {
            activity?.AddEvent(new("credential status changed"));
            KeyTelemetry.Transitions.Add(
                1,
                new(KeyTelemetry.Provider, TelemetryName(key)),
                new(KeyTelemetry.StatusBefore, key.Status.ToText()),
                new(KeyTelemetry.StatusAfter, verdict.Status.ToText()));
        }

        if (verdict.Status != key.Status || (verdict.Conclusive && (key.RecheckRequested || verdict.CoolFor is not null)))
        {
            health.Publish(key.CredentialId, verdict);
            await channel.PublishAsync(cancellationToken).ConfigureAwait(false);
        }

        return verdict;
    }

    public Task<KeyVerdict?> RecheckAsync(StoredKey key, string? claimant, TimeSpan timeout, CancellationToken cancellationToken) =>
        RecheckAsync(key, claimant, timeout, null, cancellationToken);

    private async Task<(KeyVerdict Verdict, string Outcome)> CheckAsync(StoredKey key, TimeSpan timeout, bool byPerson, CancellationToken cancellationToken)
    {
        if (!cipher.TryOpen(key.Sealed, key.Scope, out var secret))
            return (policy.Undecryptable(key.Status, key.ConsecutiveFailures), "undecryptable");
        if (AccountName.Of(secret) is { } account)
            await store.NameAsync(key, account, cancellationToken).ConfigureAwait(false);
        if (Definition(key.Provider) is not { } provider)
            return Decide(key, new(KeyCheckOutcome.Unverifiable, "This version of the router does not know the provider."));
        using var deadline = new CancellationTokenSource(timeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            var found = await checker.CheckAsync(provider, secret, linked.Token).ConfigureAwait(false);
            return Decide(key, probe is not null && (byPerson || WantsAnswer(key, found)) ? await probe.SharpenAsync(provider, secret, found, linked.Token, cancel => store.IsStoredAsync(key, cancel)).ConfigureAwait(false) : found);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Decide(key, new(KeyCheckOutcome.Unverifiable, $"{provider.DisplayName} did not answer in time."));
        }
    }

    /// <summary>
    /// Whether listing models cannot settle it and a token is worth spending: what only an answer found wrong, only an answer
    /// finds right. A key in good standing is never asked on schedule; one without credit at the pace of dead keys, and a
    /// refusal costs nothing.
    /// </summary>
    private static bool WantsAnswer(StoredKey key, KeyCheckResult found) =>
        key.RecheckRequested || key.Status is CredentialStatus.Quota or CredentialStatus.Limited || found is { UpstreamStatus: 403, Quota: false } or { Outcome: KeyCheckOutcome.Limited, UpstreamStatus: 401 };

    private (KeyVerdict Verdict, string Outcome) Decide(StoredKey key, KeyCheckResult result) =>
        (policy.Decide(key.Status, key.StatusDetail, key.ConsecutiveFailures, result), ToText(result.Outcome));

    private Activity? Start(StoredKey key, bool root)
    {
        // Each scheduled check is a trace of its own; the request that asked for it is linked, not its parent.
        if (root)
            Activity.Current = null;
        var links = ActivityContext.TryParse(key.Traceparent, null, isRemote: true, out var cause) ? new[] { new ActivityLink(cause) } : null;
        return RouterTelemetry.Source.StartActivity(KeyTelemetry.RecheckActivity, ActivityKind.Internal, default(ActivityContext), links: links)?
            .Tag(KeyTelemetry.Workspace, key.WorkspaceId)
            .Tag(KeyTelemetry.Provider, TelemetryName(key))
            .Tag(KeyTelemetry.Fingerprint, key.Fingerprint);
    }

    private string TelemetryName(StoredKey key) =>
        Definition(key.Provider)?.TelemetryName ?? key.Provider;

    private static string ToText(KeyCheckOutcome outcome) => outcome switch
    {
        KeyCheckOutcome.Valid => "valid",
        KeyCheckOutcome.Invalid => "invalid",
        KeyCheckOutcome.Limited => "limited",
        KeyCheckOutcome.RateLimited => "rate_limited",
        _ => "unverifiable",
    };

    /// <summary>From the registry, which knows configured providers too; from the table where there is none.</summary>
    private ProviderDefinition? Definition(string slug) =>
        providers is not null ? (providers.TryFind(slug, out var known) ? known.Definition : null)
        : ProviderTable.TryFind(slug, out var provider) ? provider : null;
}
