using System.Collections.Immutable;
using Router.Core.Failures;
using Router.Core.Limits;

namespace Router.Core.Keys;

/// <summary>What a workspace allows. A request can only tighten it.</summary>
/// <param name="ByokOnly">Never use a system key.</param>
/// <param name="CrossToSystem">The failure classes that may move a request from the workspace's key to the system key.</param>
/// <param name="AllowedProviders">Providers that may serve; empty means all.</param>
/// <param name="ByokFeePercent">What the workspace's own keys cost it, in percent of list price, 0 to 100; 0 waives the fee.</param>
public sealed record WorkspacePolicy(
    bool ByokOnly, ImmutableHashSet<FailureClass> CrossToSystem, ImmutableHashSet<string> AllowedProviders, decimal ByokFeePercent = 0)
{
    public static WorkspacePolicy Default { get; } = new(
        ByokOnly: false,
        [FailureClass.Credential, FailureClass.Quota, FailureClass.RateLimit, FailureClass.ModelAccess],
        []);

    /// <summary>Allows nothing: what holds for a workspace whose stored policy this build cannot read.</summary>
    public static WorkspacePolicy Nothing { get; } = new(ByokOnly: true, [], ["none"]);

    /// <summary>What all of the workspace's keys together may ask for.</summary>
    public LimitSettings Limits { get; init; } = LimitSettings.Default;

    /// <summary>Whether a key that may manage and not call models may make keys that call models.</summary>
    public bool ManageKeysMayMintInference { get; init; }

    public bool Allows(string provider) => AllowedProviders.IsEmpty || AllowedProviders.Contains(provider);
}
