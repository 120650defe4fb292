namespace Router.AppHost.Embedded;

/// <summary>Asks a service for its health: often until it is well, then now and then.</summary>
internal sealed class HealthWatch(Uri? address, HttpHealthCheckAnnotation? check)
{
    private static readonly TimeSpan s_starting = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_running = TimeSpan.FromSeconds(1);

    // No proxy: health is asked on loopback, whatever the developer's environment says about the outside.
    private static readonly HttpClient s_client = new(new SocketsHttpHandler { UseProxy = false, PooledConnectionLifetime = TimeSpan.FromMinutes(1) })
    {
        Timeout = TimeSpan.FromSeconds(5),
    };

    /// <summary>Reports every answer until cancelled. A service without a check is well as soon as it runs.</summary>
    public async Task RunAsync(Action<bool> report, CancellationToken cancellationToken)
    {
        if (check is null || address is null)
        {
            report(true);
            return;
        }

        var url = new Uri(address, check.Path);
        while (!cancellationToken.IsCancellationRequested)
        {
            var healthy = await AskAsync(url, cancellationToken);
            if (cancellationToken.IsCancellationRequested) return;
            report(healthy);
            await Task.Delay(healthy ? s_running : s_starting, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<bool> AskAsync(Uri url, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await s_client.GetAsync(url, cancellationToken);
            return (int)answer.StatusCode == check!.StatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }
}
