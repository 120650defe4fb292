using Npgsql;

namespace Router.Tests.Studio;

/// <summary>Takes a database away from all who use it, until it is disposed of.</summary>
internal sealed class DeadDatabase : IAsyncDisposable
{
    private readonly NpgsqlDataSource _server;
    private readonly string _name;

    private DeadDatabase(NpgsqlDataSource server, string name) => (_server, _name) = (server, name);

    public static async Task<DeadDatabase> KillAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        var address = new NpgsqlConnectionStringBuilder(database.ConnectionString);
        var dead = new DeadDatabase(NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(database.ConnectionString) { Database = "postgres", Pooling = false }), address.Database!);
        await dead.RunAsync($"ALTER DATABASE {dead._name} ALLOW_CONNECTIONS false", cancellationToken);
        await dead.RunAsync($"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{dead._name}'", cancellationToken);
        return dead;
    }

    public async ValueTask DisposeAsync()
    {
        await RunAsync($"ALTER DATABASE {_name} ALLOW_CONNECTIONS true", CancellationToken.None);
        await _server.DisposeAsync();
    }

    private async Task RunAsync(string sql, CancellationToken cancellationToken)
    {
        await using var command = _server.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
