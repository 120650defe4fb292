using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Microsoft.Extensions.Hosting;

/// <summary>Stands in for Aspire.Npgsql: the same call, the same registrations.</summary>
public static class PostgresClientExtensions
{
    /// <summary>
    /// Registers a singleton <see cref="NpgsqlDataSource"/> for <c>ConnectionStrings:{connectionName}</c> and the health check <c>PostgreSql</c>.
    /// Nothing connects before first use; a missing connection string throws at the first resolve.
    /// </summary>
    public static void AddNpgsqlDataSource(
        this IHostApplicationBuilder builder,
        string connectionName,
        Action<NpgsqlSettings>? configureSettings = null,
        Action<NpgsqlDataSourceBuilder>? configureDataSourceBuilder = null)
    {
        var settings = new NpgsqlSettings { ConnectionString = builder.Configuration.GetConnectionString(connectionName) };
        configureSettings?.Invoke(settings);

        builder.Services.AddNpgsqlDataSource(
            "",
            (services, source) =>
            {
                source.ConnectionStringBuilder.ConnectionString = settings.ConnectionString is { Length: > 0 } connectionString
                    ? connectionString
                    : throw new InvalidOperationException($"ConnectionStrings:{connectionName} is missing.");
                configureDataSourceBuilder?.Invoke(source);
            });
        if (!settings.DisableHealthChecks) builder.Services.AddHealthChecks().AddCheck<PostgresHealthCheck>("PostgreSql");
    }
}

public sealed class NpgsqlSettings
{
    public string? ConnectionString { get; set; }

    public bool DisableHealthChecks { get; set; }
}
