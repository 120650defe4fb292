using Router.AppHost.Development;
using StackExchange.Redis;

namespace Router.AppHost.Local;

internal static class CacheProcess
{
    /// <summary>Garnet, a server of the Redis protocol, in a program of its own.</summary>
    public static IResourceBuilder<ServerProcess> AddCacheProcess(this IDistributedApplicationBuilder builder, string name, IResourceBuilder<ParameterResource> password)
    {
        var server = builder.AddServerProcess(
            name,
            LocalRun.BuiltProgram(Path.Combine(Path.GetDirectoryName(builder.AppHostDirectory)!, "Router.Cache")),
            endpoint => ReferenceExpression.Create($"{endpoint.Property(EndpointProperty.IPV4Host)}:{endpoint.Property(EndpointProperty.Port)},password={password.Resource}"),
            AskAsync);
        return server
            .WithIconName("Database")
            .WithEnvironment("REDIS_PORT", server.Resource.Endpoint.Property(EndpointProperty.TargetPort))
            .WithEnvironment("REDIS_PASSWORD", password);
    }

    private static async Task AskAsync(string server, CancellationToken cancellationToken)
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(server + ",connectTimeout=1000,connectRetry=0");
        await connection.GetDatabase().PingAsync().WaitAsync(cancellationToken);
    }
}
