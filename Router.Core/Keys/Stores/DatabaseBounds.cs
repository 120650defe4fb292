using Npgsql;

namespace Router.Core.Keys;

/// <summary>Bounds of the database connection itself; each command has its own.</summary>
public static class DatabaseBounds
{
    /// <summary>A Postgres that accepts and then says nothing is given up on in seconds: to connect, to answer, to cancel.</summary>
    public static void Apply(NpgsqlDataSourceBuilder source)
    {
        source.ConnectionStringBuilder.Timeout = DatabaseCommands.TimeoutSeconds;
        source.ConnectionStringBuilder.CommandTimeout = DatabaseCommands.TimeoutSeconds;
        source.ConnectionStringBuilder.CancellationTimeout = 1_000;
    }
}
