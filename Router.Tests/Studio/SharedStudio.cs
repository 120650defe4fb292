using Router.Tests.Support;

namespace Router.Tests.Studio;

/// <summary>One Studio for the tests of a class that change nothing another of them looks at.</summary>
public sealed class SharedStudio(PostgresFixture postgres) : IAsyncDisposable
{
    private readonly SemaphoreSlim _starting = new(1, 1);
    private StudioHost? _host;

    internal async Task<StudioHost> HostAsync(CancellationToken cancellationToken)
    {
        await _starting.WaitAsync(cancellationToken);
        try
        {
            return _host ??= await StudioHost.StartAsync(await postgres.CreateDatabaseAsync(cancellationToken), cancellationToken);
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
