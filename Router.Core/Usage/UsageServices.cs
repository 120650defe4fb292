using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Router.Core.Chat;
using Router.Core.Telemetry;

namespace Router.Core.Usage;

public static class UsageServices
{
    /// <summary>Records every upstream request of this process. Wants an <c>NpgsqlDataSource</c> and <c>AddRouterChat</c>.</summary>
    public static IServiceCollection AddUsageRecords(this IServiceCollection services, IConfiguration configuration)
    {
        services.Configure<UsageOptions>(configuration.GetSection(UsageOptions.Section));
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
        services.AddSingleton<IRequestObserver, UsageRecorder>();
        services.AddHostedService<UsageWriter>();
        return services;
    }
}
