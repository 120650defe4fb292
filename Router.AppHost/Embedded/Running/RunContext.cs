using Microsoft.Extensions.Configuration;
using Router.AppHost.Development;

namespace Router.AppHost.Embedded;

/// <summary>What one run of the application shares.</summary>
internal sealed record RunContext(RunSettings Settings, LogHub Logs, ResourceNotificationService Notifications)
{
    public SecretFile Secrets { get; } = new(Settings.StateDirectory);
}

/// <param name="RandomizePorts">A test: free ports instead of the preferred ones, nothing on the console.</param>
/// <param name="IsTemporary">The state directory is this run's own and is deleted with it.</param>
internal sealed record RunSettings(string StateDirectory, bool RandomizePorts, bool IsTemporary, TimeSpan StartTimeout, string? OtlpEndpoint)
{
    /// <summary>The key with which Aspire's own testing builder asks for the same.</summary>
    public const string RandomizePortsKey = "DcpPublisher:RandomizePorts";

    public static RunSettings Read(IConfiguration configuration)
    {
        var random = configuration[RandomizePortsKey] is { } value && bool.Parse(value);
        var temporary = random && configuration[Development.StateDirectory.ConfigurationKey] is null or "";
        if (temporary)
            configuration[Development.StateDirectory.ConfigurationKey] = Path.Combine(Path.GetTempPath(), "router-test-" + Path.GetRandomFileName());
        return new(
            Development.StateDirectory.Locate(configuration, Repository.Root),
            random,
            temporary,
            TimeSpan.FromSeconds(int.TryParse(configuration["Router:StartTimeoutSeconds"], out var seconds) ? seconds : 60),
            configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]);
    }
}
