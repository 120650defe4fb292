namespace Router.AppHost.Embedded;

/// <summary>A PostgreSQL server; <see cref="Port"/> and <see cref="Password"/> are set when it is started.</summary>
public sealed class PostgresServerResource(string name) : Resource(name), IResourceWithWaitSupport, IResourceWithConnectionString
{
    public const string UserName = "postgres";

    internal int Port { get; set; }

    internal string Password { get; set; } = "";

    public ValueTask<string?> GetConnectionStringAsync(CancellationToken cancellationToken = default) =>
        ValueTask.FromResult<string?>($"Host=127.0.0.1;Port={Port};Username={UserName};Password={Password}");
}

public sealed class PostgresDatabaseResource(string name, string databaseName, PostgresServerResource parent)
    : Resource(name), IResourceWithWaitSupport, IResourceWithConnectionString
{
    public string DatabaseName { get; } = databaseName;

    public PostgresServerResource Parent { get; } = parent;

    public async ValueTask<string?> GetConnectionStringAsync(CancellationToken cancellationToken = default) =>
        await Parent.GetConnectionStringAsync(cancellationToken) + ";Database=" + DatabaseName;
}

/// <summary>A server of the Redis protocol.</summary>
public sealed class RedisResource(string name) : Resource(name), IResourceWithWaitSupport, IResourceWithConnectionString
{
    internal int Port { get; set; }

    internal string Password { get; set; } = "";

    public ValueTask<string?> GetConnectionStringAsync(CancellationToken cancellationToken = default) =>
        ValueTask.FromResult<string?>($"127.0.0.1:{Port},password={Password}");
}
