using Npgsql;

namespace Router.Core.Keys;

/// <summary>Plain SQL with positional parameters. Every command is bounded in time: a slow Postgres is a failure, not a wait.</summary>
internal static class DatabaseCommands
{
    public const int TimeoutSeconds = 5;

    public static NpgsqlCommand Statement(this NpgsqlDataSource database, string sql, params ReadOnlySpan<object?> values) =>
        Fill(database.CreateCommand(sql), values);

    /// <summary>The same on a connection of the caller's, inside its transaction.</summary>
    public static NpgsqlCommand Statement(this NpgsqlConnection connection, string sql, params ReadOnlySpan<object?> values) =>
        Fill(new NpgsqlCommand(sql, connection), values);

    private static NpgsqlCommand Fill(NpgsqlCommand command, ReadOnlySpan<object?> values)
    {
        command.CommandTimeout = TimeoutSeconds;
        foreach (var value in values)
            command.Parameters.Add(new NpgsqlParameter { Value = value ?? DBNull.Value });
        return command;
    }

    public static async Task<int> ExecuteAsync(this NpgsqlCommand command, CancellationToken cancellationToken)
    {
        int rows;
        await using (command.ConfigureAwait(false))
            rows = await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        await PoolThread.Switch();
        return rows;
    }

    public static async Task<List<T>> ReadAsync<T>(this NpgsqlCommand command, Func<NpgsqlDataReader, T> map, CancellationToken cancellationToken)
    {
        var rows = new List<T>();
        await using (command.ConfigureAwait(false))
        {
            var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
                    rows.Add(map(reader));
            }
        }

        await PoolThread.Switch();
        return rows;
    }

    public static async Task<T?> ReadOneAsync<T>(this NpgsqlCommand command, Func<NpgsqlDataReader, T> map, CancellationToken cancellationToken)
        where T : class =>
        (await command.ReadAsync(map, cancellationToken).ConfigureAwait(false)).FirstOrDefault();

    public static string? TextOrNull(this NpgsqlDataReader reader, int ordinal) =>
        reader.IsDBNull(ordinal) ? null : reader.GetString(ordinal);

    public static DateTimeOffset? TimeOrNull(this NpgsqlDataReader reader, int ordinal) =>
        reader.IsDBNull(ordinal) ? null : reader.GetFieldValue<DateTimeOffset>(ordinal);
}
