using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Router.Core.Health;
using Router.Core.Keys;
using Router.Core.Limits;
using Router.Core.Providers;

namespace Router.Tests.Support;

/// <summary>Builds what the tests of keys and health need, with no host.</summary>
internal static class TestKeys
{
    public static MasterKey NewMasterKey(string name) => new(name, RandomNumberGenerator.GetBytes(MasterKey.Size));

    public static MasterKeyRing Ring(params ReadOnlySpan<MasterKey> keys) => new([.. keys]);

    public static MasterKeyRing Ring() => Ring(NewMasterKey("k1"));

    public static ProviderKeyStore ProviderKeys(NpgsqlDataSource database, MasterKeyRing ring) => new(database, new KeyCipher(ring), new KeyFingerprint(ring));

    public static KeyVerdict Verdict(CredentialStatus status = CredentialStatus.Valid, TimeSpan? next = null) =>
        new(status, null, null, next ?? TimeSpan.FromMinutes(15), 0);

    public static KeyRechecker Rechecker(NpgsqlDataSource database, MasterKeyRing ring, IKeyChecker checker, TimeProvider? time = null, ProviderRegistry? providers = null, InferenceProbe? probe = null)
    {
        time ??= TimeProvider.System;
        return new(
            new KeyCheckStore(database),
            new KeyCipher(ring),
            checker,
            new RevalidationPolicy(TimeSpan.FromMinutes(15), new Random(1)),
            new HealthPublisher(new HealthOutbox()),
            new StateChannel(new RedisAccess(NoServices.Instance, time), time),
            time,
            providers,
            probe);
    }

    public static SnapshotRefresher Refresher(SnapshotCache cache, NpgsqlDataSource database, MasterKeyRing ring, TimeProvider time) => new(
        cache,
        new SnapshotMetrics(cache, time),
        new SnapshotLoader(database, new KeyCipher(ring), time, NullLogger<SnapshotLoader>.Instance),
        Microsoft.Extensions.Options.Options.Create(new SnapshotOptions()),
        time,
        NullLogger<SnapshotRefresher>.Instance);

    public static Snapshot SnapshotOf(ProviderKey key) => new(
        FrozenDictionary<string, RouterKey>.Empty,
        new[] { new Workspace(key.WorkspaceId, key.WorkspaceId, WorkspacePolicy.Default, new[] { key }.ToFrozenDictionary(k => k.Provider)) }.ToFrozenDictionary(w => w.Id),
        1,
        DateTimeOffset.UnixEpoch);

    private sealed class NoServices : IServiceProvider
    {
        public static NoServices Instance { get; } = new();

        public object? GetService(Type serviceType) => null;
    }
}

/// <summary>A key checker that answers as told and counts.</summary>
internal sealed class FakeKeyChecker(Func<ProviderDefinition, Secret, KeyCheckResult> answer) : IKeyChecker
{
    private ImmutableList<string> _checked = [];

    public FakeKeyChecker(KeyCheckOutcome outcome)
        : this((_, _) => new(outcome, outcome.ToString()))
    {
    }

    public IReadOnlyList<string> Checked => _checked;

    public Task<KeyCheckResult> CheckAsync(ProviderDefinition provider, Secret key, CancellationToken cancellationToken)
    {
        ImmutableInterlocked.Update(ref _checked, list => list.Add(key.Reveal()));
        return Task.FromResult(answer(provider, key));
    }
}
