using System.Collections;

namespace Router.AppHost.Embedded;

/// <summary>The environment of a service process: the AppHost's own without what configures the AppHost, then what Aspire gives.</summary>
internal static class ProjectEnvironment
{
    private static readonly string[] s_ownPrefixes =
        ["ASPNETCORE_", "ASPIRE_", "DOTNET_ENVIRONMENT", "DOTNET_LAUNCH_PROFILE", "DOTNET_STARTUP_HOOKS", "Parameters__", "ConnectionStrings__", "VSTEST_", "TESTINGPLATFORM_", "MSBUILD"];

    /// <summary>What Aspire sets in development, so that what just happened is seen at once.</summary>
    private static readonly string[] s_promptly = ["OTEL_BLRP_SCHEDULE_DELAY", "OTEL_BSP_SCHEDULE_DELAY", "OTEL_METRIC_EXPORT_INTERVAL"];

    public static IReadOnlyDictionary<string, string?> Inherited()
    {
        var variables = new Dictionary<string, string?>();
        foreach (DictionaryEntry entry in Environment.GetEnvironmentVariables())
        {
            var name = (string)entry.Key;
            if (!s_ownPrefixes.Any(prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)))
                variables[name] = (string?)entry.Value;
        }

        return variables;
    }

    public static async Task<IReadOnlyDictionary<string, string?>> ForAsync(ProjectResource project, string instance, string? urls, RunSettings settings, CancellationToken cancellationToken)
    {
        var variables = new Dictionary<string, string?>(Inherited());
        foreach (var (name, value) in LaunchSettings.Read(project.Metadata.ProjectPath, project.LaunchProfile).Environment)
            variables[name] = value;

        variables["DOTNET_ENVIRONMENT"] = variables.GetValueOrDefault("ASPNETCORE_ENVIRONMENT") ?? "Development";
        if (urls is not null) variables["ASPNETCORE_URLS"] = urls;
        variables["LOGGING__CONSOLE__FORMATTERNAME"] = "simple";
        variables["DOTNET_NOLOGO"] = "1";
        variables["OTEL_SERVICE_NAME"] = project.Name;
        variables["OTEL_RESOURCE_ATTRIBUTES"] = "service.instance.id=" + instance;
        foreach (var (name, value) in settings.Otlp)
            variables[name] = value;
        if (settings.Otlp.Count > 0)
        {
            foreach (var name in s_promptly)
                variables.TryAdd(name, "1000");
        }

        foreach (var annotation in project.Annotations.OfType<EnvironmentAnnotation>())
            variables[annotation.Name] = await annotation.Value(cancellationToken);
        return variables;
    }
}
