namespace Router.Api.Hosting;

/// <summary>How the API ends when it is told to.</summary>
public static class Shutdown
{
    /// <summary>What everything else has to end in once the answers have: receipts to write, leases to give back, telemetry to send.</summary>
    internal static readonly TimeSpan Rest = TimeSpan.FromSeconds(10);

    /// <summary>Wants <c>AddRouterChat</c>.</summary>
    public static IServiceCollection AddGracefulShutdown(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<ShutdownOptions>().Bind(configuration.GetSection(ShutdownOptions.Section))
            .Validate(options => options.IsUsable, $"{ShutdownOptions.Section} takes a Drain and a Timeout from no time to an hour.")
            .ValidateOnStart();
        services.AddOptions<HostOptions>().Configure<Microsoft.Extensions.Options.IOptions<ShutdownOptions>>(
            static (host, shutdown) => host.ShutdownTimeout = shutdown.Value.Longest + Rest);
        services.AddSingleton<Draining>();
        services.AddHostedService(static provider => provider.GetRequiredService<Draining>());
        services.AddHealthChecks().AddCheck<Draining>("draining");
        return services;
    }
}
