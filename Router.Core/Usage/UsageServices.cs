using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Router.Core.Chat;
using Router.Core.Keys;
using Router.Core.Telemetry;

namespace Router.Core.Usage;

public static class UsageServices
{
    /// <summary>Settings of receipts; ones that cannot be meant fail the start.</summary>
    public static IServiceCollection AddUsageOptions(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<UsageOptions>().Bind(configuration.GetSection(UsageOptions.Section))
            .Validate(
                options => ConfiguredTime.IsInterval(options.FlushInterval) && ConfiguredTime.IsRetention(options.Retention) && options.SpoolBytes >= 0 && options.SpoolDirectory.Length > 0,
                $"{UsageOptions.Section} takes a FlushInterval of more than no time and at most a day, a Retention of at least a day, a SpoolDirectory, and SpoolBytes from 0.")
            .ValidateOnStart();
        return services;
    }

    /// <summary>Settles what was under way in processes that are gone. Wants an <c>NpgsqlDataSource</c>.</summary>
    public static IServiceCollection AddLostReceipts(this IServiceCollection services) => services.AddSingleton<RunningStore>().AddHostedService<LostReceipts>();

    /// <summary>
    /// Notes what is under way in this process, and settles what was in others. Wants an <c>NpgsqlDataSource</c> and <c>AddRouterChat</c>. Register it before
    /// <see cref="AddUsageRecords"/>: services stop in the opposite order, and notes go when receipts are written.
    /// </summary>
    public static IServiceCollection AddRunningJournal(this IServiceCollection services) =>
        services.AddLostReceipts().AddSingleton<RunningReceipts>().AddHostedService<RunningJournal>();

    /// <summary>Records every upstream request of this process. Wants an <c>NpgsqlDataSource</c> and <c>AddRouterChat</c>.</summary>
    public static IServiceCollection AddUsageRecords(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddUsageOptions(configuration);
        services.AddSingleton(_ =>
        {
            var queue = new UsageQueue();
            UsageTelemetry.ObserveDepth(() => queue.Depth);
            return queue;
        });
        services.AddSingleton<UsageStore>();
        services.AddSingleton(provider =>
        {
            var options = provider.GetRequiredService<IOptions<UsageOptions>>().Value;
            return new UsageSpool(options.SpoolDirectory, options.SpoolBytes, provider.GetRequiredService<TimeProvider>());
        });
        services.AddSingleton<SpoolState>();
        services.AddHealthChecks().AddCheck<SpoolState>("receipt-spool");
        services.AddSingleton<IRequestObserver, UsageRecorder>();
        services.AddHostedService<UsageWriter>();
        return services;
    }
}
