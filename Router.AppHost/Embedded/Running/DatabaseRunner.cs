using Npgsql;

namespace Router.AppHost.Embedded;

/// <summary>Creates a database on its server once the server runs.</summary>
internal sealed class DatabaseRunner(PostgresDatabaseResource database, RunContext context) : IRunnable
{
    public string Name => database.Name;

    public IResource Resource => database;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var server = await database.Parent.GetConnectionStringAsync(cancellationToken);
        await using var source = NpgsqlDataSource.Create(server + ";Database=postgres;Pooling=false");
        await using var exists = source.CreateCommand("SELECT 1 FROM pg_database WHERE datname = $1");
        exists.Parameters.AddWithValue(database.DatabaseName);
        if (await exists.ExecuteScalarAsync(cancellationToken) is null)
        {
            var quoted = '"' + database.DatabaseName.Replace("\"", "\"\"", StringComparison.Ordinal) + '"';
            await using var create = source.CreateCommand("CREATE DATABASE " + quoted);
            await create.ExecuteNonQueryAsync(cancellationToken);
        }

        context.Notifications.Publish(Name, new(KnownResourceStates.Running, IsHealthy: true));
    }

    public Task StopAsync() => Task.CompletedTask;

    public void Signal(string name) => throw new NotSupportedException($"{Name} is a database; its server is {database.Parent.Name}.");
}
