using Npgsql;

namespace Router.Core.Keys;

/// <summary>Whether the database, and not a request or the router, is to blame for a failure.</summary>
public static class DatabaseFaults
{
    /// <summary>What a database answers that is up, and has not been made ready for this version: the migrations have not run, or were of another database.</summary>
    private static readonly HashSet<string> s_unready = new(StringComparer.Ordinal)
    {
        PostgresErrorCodes.InvalidCatalogName, PostgresErrorCodes.InvalidSchemaName, PostgresErrorCodes.UndefinedTable, PostgresErrorCodes.UndefinedColumn,
        PostgresErrorCodes.UndefinedFunction, PostgresErrorCodes.UndefinedObject, PostgresErrorCodes.InsufficientPrivilege,
    };

    private static readonly HashSet<string> s_refused = new(StringComparer.Ordinal) { PostgresErrorCodes.InvalidAuthorizationSpecification, PostgresErrorCodes.InvalidPassword };

    /// <summary>The database is there, and has no schema that this version can work with.</summary>
    public static bool LacksSchema(Exception? exception) =>
        exception is not null && (exception is PostgresException postgres ? s_unready.Contains(postgres.SqlState) : LacksSchema(exception.InnerException));

    /// <summary>It does not answer, lets nobody in, or is not ready; also where somebody else's exception is wrapped around that.</summary>
    public static bool IsUnavailable(Exception? exception) => exception switch
    {
        null => false,
        PostgresException postgres => postgres.IsTransient || s_unready.Contains(postgres.SqlState) || s_refused.Contains(postgres.SqlState),
        NpgsqlException => true,
        _ => IsUnavailable(exception.InnerException),
    };
}
