using Npgsql;
using Router.Core.Keys;
using Router.Core.Telemetry;

namespace Router.Worker.Migrations;

/// <summary>
/// The verb <c>migrate</c>: brings the database to this build's schema, seeds it, and ends. Exit code 0 or 1. With
/// <c>--stay</c> it waits to be stopped instead, for places that start again whatever ends.
/// </summary>
public static partial class MigrateCommand
{
    public const string Verb = "migrate";

    public static async Task<int> RunAsync(string[] args)
    {
        var builder = Host.CreateApplicationBuilder(args);
        builder.AddServiceDefaults();
        var owner = OwnerDatabase.NameIn(builder.Configuration);
        builder.AddNpgsqlDataSource(owner, settings => settings.DisableHealthChecks = true, MigrationBounds.Apply);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<RouterKeyStore>();
        builder.Services.AddSingleton<WorkspaceStore>();
        builder.Services.AddSingleton<DatabaseReadiness>();
        builder.Services.AddSingleton<Seed>();
        builder.Services.AddSingleton<MasterKeyFit>();
        builder.Services.AddSingleton<ServiceRole>();
        using var host = builder.Build();
        // Not run as a hosted service, but telemetry is exported by one.
        await host.StartAsync();
        var logger = host.Services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(MigrateCommand));
        using var span = RouterTelemetry.Source.StartActivity(Verb);
        var stopping = host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        try
        {
            await host.Services.GetRequiredService<DatabaseReadiness>().WaitAsync(builder.Configuration.GetConnectionString(owner) ?? "", stopping);
            var time = host.Services.GetRequiredService<TimeProvider>();
            var database = host.Services.GetRequiredService<NpgsqlDataSource>();
            var applied = await MigrationBounds.RepeatAsync(() => SchemaUpgrade.ApplyAsync(database, logger, stopping), logger, time, stopping);
            if (builder.Configuration.GetConnectionString(OwnerDatabase.Service) is { Length: > 0 } service && ServiceRole.IsSeparate(builder.Configuration.GetConnectionString(owner) ?? "", service))
                await MigrationBounds.RepeatAsync(() => host.Services.GetRequiredService<ServiceRole>().SetUpAsync(service, stopping), logger, time, stopping);
            await MigrationBounds.RepeatAsync(() => host.Services.GetRequiredService<Seed>().RunAsync(stopping), logger, time, stopping);
            await host.Services.GetRequiredService<MasterKeyFit>().CheckAsync(stopping);
            LogDone(logger, applied);
            if (args.Contains("--stay"))
                await Task.Delay(Timeout.InfiniteTimeSpan, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return 0;
        }
        catch (Exception exception)
        {
            LogFailed(logger, exception.Message, exception);
            span?.SetStatus(System.Diagnostics.ActivityStatusCode.Error);
            return 1;
        }
        finally
        {
            // Before what exports it ends.
            span?.Dispose();
            await host.StopAsync(CancellationToken.None);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The database is up to date; {Applied} migrations were applied")]
    private static partial void LogDone(ILogger logger, int applied);

    [LoggerMessage(Level = LogLevel.Critical, Message = "The database was not migrated: {Reason}")]
    private static partial void LogFailed(ILogger logger, Printable reason, Exception exception);
}
