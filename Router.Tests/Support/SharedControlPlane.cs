namespace Router.Tests.Support;

/// <summary>One control plane for the tests of a class that change nothing another of them looks at.</summary>
public sealed class SharedControlPlane(PostgresFixture postgres) : IAsyncDisposable
{
    private readonly SemaphoreSlim _starting = new(1, 1);
    private ControlPlaneHost? _host;

    internal async Task<ControlPlaneHost> HostAsync(CancellationToken cancellationToken)
    {
        await _starting.WaitAsync(cancellationToken);
        try
        {
            return _host ??= await ControlPlaneHost.StartAsync(await postgres.CreateDatabaseAsync(cancellationToken), cancellationToken);
        }
        finally
        {
            _starting.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
        {
            await _host.DisposeAsync();
        }

        _starting.Dispose();
    }
}
