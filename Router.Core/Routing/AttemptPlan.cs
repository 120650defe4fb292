using System.Collections.Immutable;
using Router.Core.Catalog;
using Router.Core.Health;
using Router.Core.Keys;
using Router.Core.Providers;
using Router.Core.Wire;

namespace Router.Core.Routing;

/// <summary>Whose key it is, as clients see it.</summary>
public enum CredentialType
{
    /// <summary>The workspace's: saved, or brought in the request.</summary>
    Byok,

    /// <summary>The operator's.</summary>
    System,
}

/// <summary>A key that may serve. It carries the secret but cannot print it.</summary>
/// <param name="Id">What health is kept under.</param>
/// <param name="Source"><c>saved</c>, <c>runtime</c> or <c>system</c>.</param>
/// <param name="Fingerprint">Keyed hash, safe for spans.</param>
/// <param name="Secret">Null when the stored key cannot be opened.</param>
public sealed record Credential(string Id, CredentialType Type, string Source, string Fingerprint, Secret? Secret)
{
    /// <summary>The stored key it is; null for a key of the operator or of the request.</summary>
    public Guid? KeyId { get; init; }
}

/// <summary>One model at one provider with one key.</summary>
/// <param name="Step">Position of the model in the chain; entries of one step differ only in their key.</param>
/// <param name="Health">What was known of the key when the plan was made; an unusable one is skipped at no cost.</param>
public sealed record PlanEntry(int Step, Provider Provider, string Model, Credential Credential, HealthVerdict Health)
{
    /// <summary>The model as the catalog lists it; null where it does not. Callers name any model, and in any case: what is kept or tagged by name for all of them goes by this one.</summary>
    public HostedModel? Hosted { get; init; }

    /// <summary>The name clients know the route by.</summary>
    public string QualifiedModel { get; } = $"{Provider.Slug}/{Model}";

    /// <summary>That name as a JSON string.</summary>
    public ReadOnlyMemory<byte> QuotedModel => _quoted ??= JsonText.Quote(QualifiedModel);

    private byte[]? _quoted;

    public bool Equals(PlanEntry? other) =>
        other is not null && Step == other.Step && Provider.Equals(other.Provider) && Model == other.Model && Credential.Equals(other.Credential) && Health == other.Health;

    public override int GetHashCode() => HashCode.Combine(Step, Provider, Model, Credential, Health);
}

/// <summary>The ordered attempts for a request: immutable, made before the first call.</summary>
/// <param name="Reasoning">One sentence: why this model and key.</param>
public sealed record AttemptPlan(ImmutableArray<PlanEntry> Entries, string Reasoning);
