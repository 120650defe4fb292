using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Router.Core.Chat;
using Router.Core.Health;
using Router.Core.Limits;

namespace Router.Core.Keys;

/// <summary>Which background services a process runs.</summary>
[Flags]
public enum KeyHosting
{
    None = 0,

    /// <summary>Keeps the snapshot current.</summary>
    Snapshot = 1,

    /// <summary>Shares credential health and asks for early re-checks.</summary>
    Health = 2,

    /// <summary>Writes when keys were last used.</summary>
    Uses = 4,

    All = Snapshot | Health | Uses,
}

public static class KeyServices
{
    /// <summary>
    /// Adds stores, cipher, snapshot and credential health. Wants an <c>NpgsqlDataSource</c> and, unless health stays local,
    /// an <c>IConnectionMultiplexer</c>. Unusable master keys fail the start with every problem named.
    /// </summary>
    public static IServiceCollection AddRouterKeys(this IServiceCollection services, IConfiguration configuration, KeyHosting hosting = KeyHosting.None)
    {
        services.TryAddSingleton(TimeProvider.System);
        // Npgsql logs every command as information, which the poll makes one line a second for ever.
        services.AddLogging(logging => logging.AddFilter("Npgsql", LogLevel.Warning));
        services.AddSingleton(_ => MasterKeyConfiguration.Load(configuration));
        services.AddHostedService<MasterKeyCheck>();
        services.AddHostedService<MasterKeyFileWatch>();
        services.AddSingleton<KeyCipher>();
        services.AddSingleton<KeyFingerprint>();
        services.AddSingleton<RedisAccess>();
        services.AddSingleton<CooldownStore>();

        services.AddSingleton<WorkspaceStore>();
        services.AddSingleton<RouterKeyStore>();
        services.AddSingleton<ProviderKeyStore>();
        services.AddSingleton<KeyCheckStore>();
        services.AddSingleton<KeyHistoryStore>();
        services.AddSingleton<RewrapStore>();
        services.AddSingleton<AuditStore>();
        services.AddSingleton<SavedRouterStore>();
        services.AddSingleton<LiveProviderStore>();
        services.AddSingleton<SessionStore>();

        services.AddOptions<SnapshotOptions>().Bind(configuration.GetSection(SnapshotOptions.Section))
            .Validate(
                options => ConfiguredTime.IsInterval(options.PollInterval) && ConfiguredTime.IsInterval(options.LoadTimeout),
                $"{SnapshotOptions.Section} takes PollInterval and LoadTimeout of more than no time and at most a day.")
            .ValidateOnStart();
        services.AddSingleton<SnapshotCache>();
        services.AddSingleton<ISnapshotSource>(provider => provider.GetRequiredService<SnapshotCache>());
        services.AddSingleton<SnapshotMetrics>();
        services.AddSingleton<SnapshotLoader>();
        services.AddSingleton<SnapshotRefresher>();
        services.AddSingleton<StateChannel>();
        services.AddSingleton<StateAnnouncer>();

        services.AddSingleton<HealthOutbox>();
        services.AddSingleton<HealthPublisher>();
        services.AddSingleton<CredentialHealth>();
        services.AddSingleton<ICredentialHealth>(provider => provider.GetRequiredService<CredentialHealth>());

        services.AddOptions<RevalidationOptions>().Bind(configuration.GetSection(RevalidationOptions.Section))
            .Validate(
                options => options.IsUsable,
                $"{RevalidationOptions.Section} takes Interval, PollInterval, CheckTimeout and Lease of more than no time and at most a day, Lease longer than CheckTimeout, and Concurrency from 1 to {RevalidationOptions.MostConcurrency}.")
            .ValidateOnStart();
        services.AddSingleton(provider => new RevalidationPolicy(provider.GetRequiredService<IOptions<RevalidationOptions>>().Value.Interval, new Random()));
        services.AddSingleton<KeyRechecker>();
        services.AddSingleton<KeyUses>();

        if (hosting.HasFlag(KeyHosting.Snapshot))
        {
            services.AddHostedService(provider => provider.GetRequiredService<SnapshotRefresher>());
            services.AddHostedService<StateListener>();
            services.AddHostedService<StateSubscriber>();
            services.AddHealthChecks().AddCheck<SnapshotHealthCheck>("snapshot");
        }

        if (hosting.HasFlag(KeyHosting.Health))
        {
            services.AddHostedService<HealthSync>();
            services.AddHostedService<RecheckRequester>();
        }

        if (hosting.HasFlag(KeyHosting.Uses))
        {
            services.AddSingleton<IRequestObserver, KeyUseObserver>();
            services.AddHostedService<KeyUseWriter>();
        }

        return services;
    }
}
