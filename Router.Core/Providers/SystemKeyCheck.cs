using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Router.Core.Telemetry;

namespace Router.Core.Providers;

/// <summary>
/// Says at the start which of the operator's keys are of no use as they are configured, and keeps saying it as a degraded health.
/// The API serves all the same: other providers and the workspaces' own keys are not the worse for it.
/// </summary>
internal sealed partial class SystemKeyCheck(ProviderRegistry providers, ILogger<SystemKeyCheck> logger) : IHostedService, IHealthCheck
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (SystemKeyProblem problem in providers.SystemKeyProblems)
        {
            LogUnusable(problem.Setting, problem.Provider.DisplayName, problem.Detail);
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        string[] problems = [.. providers.SystemKeyProblems.Select(problem => problem.ToString())];
        return Task.FromResult(problems.Length == 0 ? HealthCheckResult.Healthy() : HealthCheckResult.Degraded(string.Join(' ', problems)));
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Setting} is not used: the key for {Provider} {Detail}")]
    private partial void LogUnusable(Printable setting, Printable provider, Printable detail);
}
