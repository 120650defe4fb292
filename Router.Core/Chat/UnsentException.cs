using Router.Core.Failures;
using Router.Core.Routing;

namespace Router.Core.Chat;

/// <summary>
/// A leaf could not make a request of what it was given: nothing was sent, so there is no attempt, and nobody's key, route or provider
/// is at fault but what the caller, or the key's owner, gave. The entry is skipped.
/// </summary>
public sealed class UnsentException : Exception
{
    private UnsentException(PlanEntry entry, Exception reason, FailureClass failure, RouterError? told)
        : base(reason.Message, reason) => (Entry, Failure, Told) = (entry, failure, told);

    public PlanEntry Entry { get; }

    /// <summary>What follows from it for the walk of the plan.</summary>
    public FailureClass Failure { get; }

    /// <summary>What the caller is told when no other entry was tried; null where the verdict on the class says it.</summary>
    public RouterError? Told { get; }

    /// <summary>There is no such key any more.</summary>
    public bool KeyGone { get; private init; }

    /// <summary>The key was deleted or replaced before it could be sent, or may not be.</summary>
    public static UnsentException Of(PlanEntry entry, AttemptError gone) =>
        new(entry, new InvalidOperationException(gone.Message), gone.Failure, gone.Told) { KeyGone = gone.KeyGone };

    /// <summary>The dialect cannot carry the request, or something in it is wrong for every dialect.</summary>
    public static UnsentException Of(PlanEntry entry, RouterException refusal) => new(entry, refusal, FailureClass.Unsupported, refusal.Error);

    /// <summary>The key cannot be used for what it is.</summary>
    public static UnsentException Of(PlanEntry entry, ProviderException unusable) => new(entry, unusable, unusable.Failure, unusable switch
    {
        // What a provider said of the key some time ago is its verdict, not ours.
        { Failure: not FailureClass.Credential } or { Status: not null } => null,
        _ when entry.Credential.Source == "runtime" => RouterError.InvalidRequest(unusable.Message, $"provider_credentials.{entry.Provider.Slug}"),
        _ => RouterError.KeyUnusable($"The {(entry.Credential.Type == CredentialType.System ? "operator's" : "workspace's saved")} key for {entry.Provider.Definition.DisplayName} cannot be used. {unusable.Message}"),
    });
}
