using Npgsql;
using Router.Core.Telemetry;

namespace Router.Worker.Migrations;

/// <summary>
/// The role the services connect as, where it is another than the owner's: it reads and writes what they need, changes no table's form, and
/// cannot change or delete what stands in the audit log. Made if it is missing; its rights are set anew after every migration.
/// </summary>
public sealed partial class ServiceRole(NpgsqlDataSource owner, ILogger<ServiceRole> logger)
{
    private const string AuditLog = "audit_log";

    /// <summary>Any number but that of the migrations: two runs at once take turns.</summary>
    private const long LockId = 0x726F75746573;

    /// <summary>Whether the two name different roles.</summary>
    public static bool IsSeparate(string ownerString, string serviceString) =>
        new NpgsqlConnectionStringBuilder(serviceString).Username is { Length: > 0 } service && service != new NpgsqlConnectionStringBuilder(ownerString).Username;

    /// <exception cref="InvalidOperationException">The role cannot be made, or has rights that it must not have.</exception>
    public async Task SetUpAsync(string serviceString, CancellationToken cancellationToken)
    {
        var service = new NpgsqlConnectionStringBuilder(serviceString);
        var role = service.Username!;
        await using var connection = await owner.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await ExecuteAsync(connection, $"SELECT pg_advisory_xact_lock({LockId})", cancellationToken);
        using var quoting = new NpgsqlCommandBuilder();
        var quoted = quoting.QuoteIdentifier(role);
        if (await CannotSignInAsync(connection, service, cancellationToken))
            await MakeAsync(connection, role, quoted, service.Password, cancellationToken);
        await GrantAsync(connection, quoting, quoted, cancellationToken);
        await RequireBoundedAsync(connection, role, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        LogReady(role);
    }

    /// <summary>An operator's own role, with its own password, is left alone.</summary>
    private static async Task<bool> CannotSignInAsync(NpgsqlConnection connection, NpgsqlConnectionStringBuilder service, CancellationToken cancellationToken)
    {
        await using var known = new NpgsqlCommand("SELECT 1 FROM pg_roles WHERE rolname = $1", connection) { Parameters = { new() { Value = service.Username } } };
        if (await known.ExecuteScalarAsync(cancellationToken) is null)
            return true;
        await using var attempt = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(service.ConnectionString) { Pooling = false }.ConnectionString);
        try
        {
            await attempt.OpenAsync(cancellationToken);
            return false;
        }
        catch (PostgresException refused)
        {
            // Whatever else is wrong, such as a right that is granted below, is not the password.
            return refused.SqlState is PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification;
        }
    }

    private static async Task MakeAsync(NpgsqlConnection connection, string role, string quoted, string? password, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(password))
            throw new InvalidOperationException($"The database role {role} of ConnectionStrings__routerdb does not exist or may not sign in, and no password is given to make it with.");
        try
        {
            await ExecuteAsync(
                connection,
                $"DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = {Literal(role)}) THEN CREATE ROLE {quoted} NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION; END IF; END $$",
                cancellationToken);
            // What is sent is what the server keeps, of which no password is made: statements are logged, and stand in spans.
            await ExecuteAsync(connection, $"ALTER ROLE {quoted} LOGIN PASSWORD '{ScramVerifier.Of(password)}'", cancellationToken);
        }
        catch (PostgresException refused) when (refused.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            throw new InvalidOperationException($"The database role {role} of ConnectionStrings__routerdb does not exist or may not sign in, and the owner's role may not make it. Make it by hand: CREATE ROLE {quoted} LOGIN PASSWORD '…'.", refused);
        }
    }

    private static async Task GrantAsync(NpgsqlConnection connection, NpgsqlCommandBuilder quoting, string role, CancellationToken cancellationToken)
    {
        await ExecuteAsync(connection, $"GRANT CONNECT, TEMPORARY ON DATABASE {quoting.QuoteIdentifier(connection.Database)} TO {role}; GRANT USAGE ON SCHEMA public TO {role}", cancellationToken);
        foreach (var (name, kind) in await OwnedAsync(connection, cancellationToken))
        {
            var (of, rights) = (kind, name) switch
            {
                ("S", _) => ("SEQUENCE", "USAGE, SELECT"),
                (_, AuditLog) => ("TABLE", "SELECT, INSERT"),
                (_, "schema_journal") => ("TABLE", "SELECT"),
                _ => ("TABLE", "SELECT, INSERT, UPDATE, DELETE"),
            };
            var quoted = quoting.QuoteIdentifier(name);
            await ExecuteAsync(connection, $"REVOKE ALL ON {of} {quoted} FROM {role}; GRANT {rights} ON {of} {quoted} TO {role}", cancellationToken);
        }
    }

    /// <summary>Tables and sequences of the schema. Rows go into partitions, and come from them, by way of their table.</summary>
    private static async Task<List<(string Name, string Kind)>> OwnedAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            $"""
            SELECT relname::text, relkind::text FROM pg_class
            WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'S') AND NOT relispartition
              AND relowner = (SELECT relowner FROM pg_class WHERE oid = 'public.{AuditLog}'::regclass)
            """,
            connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var found = new List<(string, string)>();
        while (await reader.ReadAsync(cancellationToken))
            found.Add((reader.GetString(0), reader.GetString(1)));
        return found;
    }

    private static async Task RequireBoundedAsync(NpgsqlConnection connection, string role, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            $"""
            SELECT rolsuper OR has_table_privilege(oid, 'public.{AuditLog}', 'UPDATE') OR has_table_privilege(oid, 'public.{AuditLog}', 'DELETE')
                OR has_table_privilege(oid, 'public.{AuditLog}', 'TRUNCATE')
            FROM pg_roles WHERE rolname = $1
            """,
            connection)
        {
            Parameters = { new() { Value = role } },
        };
        if (await command.ExecuteScalarAsync(cancellationToken) is true)
            throw new InvalidOperationException($"The database role {role} of ConnectionStrings__routerdb can change the audit log, as a superuser, its owner or by another role's rights. Give the services a role of their own.");
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static string Literal(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    [LoggerMessage(Level = LogLevel.Information, Message = "The services connect as the database role {Role}, which cannot change the audit log")]
    private partial void LogReady(Printable role);
}
