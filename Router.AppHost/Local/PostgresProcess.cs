using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Router.AppHost.Development;

namespace Router.AppHost.Local;

internal static partial class PostgresProcess
{
    /// <summary>The server from binaries found on this machine.</summary>
    public static IResourceBuilder<ServerProcess> AddPostgresProcess(this IDistributedApplicationBuilder builder, string name, IResourceBuilder<ParameterResource> password)
    {
        var account = ServerAccount.Current();
        var kept = !builder.IsTemporary();
        var data = new PostgresData(StateDirectory.OfRun(builder.Configuration), account);
        string? program = null;

        var server = builder.AddServerProcess(
            name,
            "/bin/sh",
            endpoint => ReferenceExpression.Create($"Host={endpoint.Property(EndpointProperty.IPV4Host)};Port={endpoint.Property(EndpointProperty.Port)};Username=postgres;Password={password.Resource}"),
            AskAsync);
        return server
            .WithIconName("DatabaseMultiple")
            .OnBeforeResourceStarted(async (resource, e, cancellationToken) =>
            {
                var logger = e.Services.GetRequiredService<ResourceLoggerService>().GetLogger(resource);
                var binaries = await new PostgresBinaries(account).FindAsync(data.Major, line => Log(logger, line), cancellationToken);
                if (data.Major is null)
                    await data.CreateAsync(binaries, (await password.Resource.GetValueAsync(cancellationToken))!, sync: kept, line => Log(logger, line), cancellationToken);
                await data.EndFormerServerAsync(cancellationToken);
                program = Path.Combine(binaries, "postgres");
            })
            .WithArgs(context =>
            {
                // What was committed outlives the server's death all the same, though not the machine's.
                string[] temporary = kept ? [] : ["-c", "fsync=off", "-c", "full_page_writes=off"];
                foreach (var arg in (string[])[Path.Combine(AppContext.BaseDirectory, "Local", "run-postgres.sh"), .. account.Prefix, program!, "-D", data.Directory, "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "shared_buffers=32MB", "-c", "max_connections=200", "-c", "log_line_prefix=", .. temporary, "-p"])
                    context.Args.Add(arg);
                context.Args.Add(server.Resource.Endpoint.Property(EndpointProperty.TargetPort));
            });
    }

    /// <summary>A database of the server, made when the server is ready.</summary>
    public static IResourceBuilder<ConnectionStringResource> AddDatabase(this IResourceBuilder<ServerProcess> server, string name)
    {
        server.OnResourceReady((resource, _, cancellationToken) => CreateDatabaseAsync(resource, name, cancellationToken));
        return server.ApplicationBuilder
            .AddConnectionString(name, ReferenceExpression.Create($"{server};Database={name}"))
            .WithIconName("Database")
            .WithParentRelationship(server)
            .WaitFor(server);
    }

    private static async Task AskAsync(string server, CancellationToken cancellationToken)
    {
        await using var source = NpgsqlDataSource.Create(server + ";Database=postgres;Pooling=false;Timeout=5");
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
    }

    private static async Task CreateDatabaseAsync(ServerProcess server, string name, CancellationToken cancellationToken)
    {
        await using var source = NpgsqlDataSource.Create(await server.ConnectionStringExpression.GetValueAsync(cancellationToken) + ";Database=postgres;Pooling=false");
        await using var exists = source.CreateCommand("SELECT 1 FROM pg_database WHERE datname = $1");
        exists.Parameters.AddWithValue(name);
        if (await exists.ExecuteScalarAsync(cancellationToken) is not null) return;
        await using var create = source.CreateCommand($"CREATE DATABASE \"{name}\"");
        await create.ExecuteNonQueryAsync(cancellationToken);
    }

    [LoggerMessage(1, LogLevel.Information, "{Line}")]
    private static partial void Log(ILogger logger, string line);
}
