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
/// <param name="Programs">By a resource's name, a published program to run in place of the one that was built with the AppHost.</param>
internal sealed record RunSettings(
    string StateDirectory, bool RandomizePorts, bool IsTemporary, TimeSpan StartTimeout, IReadOnlyDictionary<string, string> Otlp, IReadOnlyDictionary<string, string> Programs)
{
    /// <summary>The key with which Aspire's own testing builder asks for the same.</summary>
    public const string RandomizePortsKey = "DcpPublisher:RandomizePorts";

    private static readonly string[] s_otlp = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_HEADERS"];

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
            ReadOtlp(configuration),
            ReadPrograms(configuration.GetSection("Router:Programs")));
    }

    /// <summary>Where the services export to, from the AppHost's configuration or environment; nothing without an endpoint.</summary>
    private static Dictionary<string, string> ReadOtlp(IConfiguration configuration) =>
        configuration[s_otlp[0]] is not { Length: > 0 }
            ? []
            : s_otlp.Where(name => configuration[name] is { Length: > 0 }).ToDictionary(name => name, name => configuration[name]!);

    private static Dictionary<string, string> ReadPrograms(IConfigurationSection programs) =>
        programs.GetChildren().Where(program => program.Value is { Length: > 0 }).ToDictionary(program => program.Key, program => Path.GetFullPath(program.Value!), StringComparer.OrdinalIgnoreCase);
}
