using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace Microsoft.Extensions.Hosting;

/// <summary>Stands in for Aspire.StackExchange.Redis: the same call, the same registrations.</summary>
public static class RedisClientExtensions
{
    /// <summary>
    /// Registers a singleton <see cref="IConnectionMultiplexer"/> for <c>ConnectionStrings:{connectionName}</c> and the health check
    /// <c>StackExchange.Redis</c>. It is connected at first resolve, and an absent server does not fail that: the multiplexer keeps trying.
    /// A missing connection string throws at the first resolve.
    /// </summary>
    public static void AddRedisClient(
        this IHostApplicationBuilder builder,
        string connectionName,
        Action<StackExchangeRedisSettings>? configureSettings = null,
        Action<ConfigurationOptions>? configureOptions = null)
    {
        var settings = new StackExchangeRedisSettings { ConnectionString = builder.Configuration.GetConnectionString(connectionName) };
        configureSettings?.Invoke(settings);

        builder.Services.AddSingleton<IConnectionMultiplexer>(_ =>
        {
            if (settings.ConnectionString is not { Length: > 0 } connectionString)
                throw new InvalidOperationException($"ConnectionStrings:{connectionName} is missing.");
            var options = ConfigurationOptions.Parse(connectionString);
            options.AbortOnConnectFail = false;
            configureOptions?.Invoke(options);
            return ConnectionMultiplexer.Connect(options);
        });
        if (!settings.DisableHealthChecks) builder.Services.AddHealthChecks().AddCheck<RedisHealthCheck>("StackExchange.Redis");
    }
}

public sealed class StackExchangeRedisSettings
{
    public string? ConnectionString { get; set; }

    public bool DisableHealthChecks { get; set; }
}
