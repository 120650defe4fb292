using System.Runtime.CompilerServices;
using Router.Core.Failures;
using Router.Core.Keys;

namespace Router.Core.Health;

/// <summary>What the snapshot says of a stored key's health.</summary>
internal static class StoredHealth
{
    public static HealthVerdict Verdict(ProviderKey? key, DateTimeOffset now) => key switch
    {
        null => HealthVerdict.Good,
        { Status: CredentialStatus.Invalid or CredentialStatus.Undecryptable } => new(false, FailureClass.Credential, null),
        { Status: CredentialStatus.Quota } => new(false, FailureClass.Quota, key.CoolingUntil > now ? key.CoolingUntil : null),
        { CoolingUntil: { } until } when until > now => new(false, FailureClass.RateLimit, until),
        _ => HealthVerdict.Good,
    };
}

/// <summary>Finds stored keys by credential id; built once per snapshot, on the first question.</summary>
internal sealed class CredentialIndex(ISnapshotSource snapshots)
{
    private readonly ConditionalWeakTable<Snapshot, Dictionary<string, ProviderKey>> _built = [];

    public ProviderKey? Find(string credentialId) =>
        credentialId.StartsWith("key:", StringComparison.Ordinal)
            ? _built.GetValue(snapshots.Current, Build).GetValueOrDefault(credentialId)
            : null;

    private static Dictionary<string, ProviderKey> Build(Snapshot snapshot) =>
        snapshot.Workspaces.Values.SelectMany(workspace => workspace.ProviderKeys.Values).ToDictionary(key => key.CredentialId, StringComparer.Ordinal);
}
