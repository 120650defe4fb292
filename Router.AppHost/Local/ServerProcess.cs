using System.Net.Sockets;

namespace Router.AppHost.Local;

/// <summary>A server that runs as a process of this machine and is reached by a connection string, as its container would be.</summary>
internal sealed class ServerProcess(string name, string command, Func<EndpointReference, ReferenceExpression> connectionString)
    : ExecutableResource(name, command, "/"), IResourceWithConnectionString
{
    public const string EndpointName = "tcp";

    public EndpointReference Endpoint => field ??= new(this, EndpointName);

    public ReferenceExpression ConnectionStringExpression => connectionString(Endpoint);
}

internal static class ServerProcessExtensions
{
    /// <param name="connectionString">Made of the endpoint's address.</param>
    /// <param name="ask">Asks the server by its connection string; throws while it doesn't answer.</param>
    public static IResourceBuilder<ServerProcess> AddServerProcess(
        this IDistributedApplicationBuilder builder,
        string name,
        string command,
        Func<EndpointReference, ReferenceExpression> connectionString,
        Func<string, CancellationToken, Task> ask)
    {
        var server = new ServerProcess(name, command, connectionString);
        return builder.AddResource(server)
            // Clients connect to the server itself: there is one, so nothing is to be balanced.
            .WithAnnotation(new EndpointAnnotation(ProtocolType.Tcp, name: ServerProcess.EndpointName, isProxied: false) { TargetHost = "127.0.0.1" })
            .WithPromptHealthCheck(async cancellationToken => await ask((await server.ConnectionStringExpression.GetValueAsync(cancellationToken))!, cancellationToken));
    }
}
