using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Router.Core.Keys;
using Router.Core.Providers;

namespace Router.Api.Endpoints;

/// <summary>
/// Saves a key after a live check. Valid, rate-limited and unverifiable keys are stored with that status; a limited one only
/// when forced; an invalid one never.
/// </summary>
internal sealed class ProviderKeySaver(
    ProviderKeyStore store,
    WorkspaceStore workspaces,
    AuditStore audit,
    IKeyChecker checker,
    RevalidationPolicy policy,
    IOptions<RevalidationOptions> options,
    TimeProvider time,
    InferenceProbe? probe = null)
{
    /// <param name="tags">What the caller knows of the key that is stored; a key that is another is not replaced.</param>
    /// <returns>The saved key; or why it was refused; or neither, when there is no such workspace.</returns>
    public async Task<(ProviderKeyRecord? Saved, ProblemHttpResult? Refused)> SaveAsync(
        string workspace, ProviderDefinition provider, Secret key, bool force, AuditOrigin origin, KeyTags tags, CancellationToken cancellationToken)
    {
        // Asked first: a key for a workspace that is not there need not reach the provider, nor one that replaces what it must not.
        if (await store.BeginSaveAsync(workspace, provider.Slug, cancellationToken) is not { } turn)
            return (null, null);
        if (!tags.IsEmpty && !tags.Allow(await store.FindAsync(workspace, provider.Slug, cancellationToken)))
            return await RefuseAsync(Problems.OtherKey());
        var result = await CheckAsync(provider, key, cancellationToken);
        if (Refusal(provider, result, force) is { } refused)
            return await RefuseAsync(refused);
        var (saved, outcome) = await store.SaveAsync(workspace, provider.Slug, key, policy.First(result), origin, turn, tags.IsEmpty ? null : tags.Allow, cancellationToken);
        if (outcome == KeySaveOutcome.Saved)
            return (saved, null);
        if (outcome == KeySaveOutcome.ConditionFailed)
            return await RefuseAsync(Problems.OtherKey());
        return await workspaces.FindAsync(workspace, cancellationToken) is null ? (null, null) : await RefuseAsync(Problems.Overtaken());

        async Task<(ProviderKeyRecord?, ProblemHttpResult?)> RefuseAsync(ProblemHttpResult problem)
        {
            await audit.RefusedAsync(origin, workspace, AuditActions.SaveProviderKey, provider.Slug, Problems.CodeOf(problem));
            return (null, problem);
        }
    }

    private async Task<KeyCheckResult> CheckAsync(ProviderDefinition provider, Secret key, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(options.Value.CheckTimeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            var found = await checker.CheckAsync(provider, key, linked.Token);
            return probe is null ? found : await probe.SharpenAsync(provider, key, found, linked.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new(KeyCheckOutcome.Unverifiable, $"{provider.DisplayName} did not answer in time. The key is saved and will be checked again soon.");
        }
    }

    private static ProblemHttpResult? Refusal(ProviderDefinition provider, KeyCheckResult result, bool force) => result.Outcome switch
    {
        KeyCheckOutcome.Invalid => Problems.KeyRefused(
            "provider_key_invalid", $"{result.Message} The key was not saved.", result.UpstreamStatus),
        KeyCheckOutcome.Limited when !force => Problems.KeyRefused(
            result.Quota ? "provider_key_quota" : "provider_key_limited",
            $"{result.Message} The key was not saved; repeat with ?force=true to save it all the same.",
            result.UpstreamStatus),
        _ => null,
    };
}
