using Router.Core.Settings;

namespace Router.AppHost.Development;

/// <summary>
/// The environment of what is started. Every program would inherit the AppHost's own, with the operator's keys in it; it gets what programs
/// need to run, and beyond that what the model gives it.
/// </summary>
internal static class ChildEnvironment
{
    private static readonly HashSet<string> s_names = new(StringComparer.OrdinalIgnoreCase)
    {
        "PATH", "HOME", "USER", "USERNAME", "LOGNAME", "SHELL", "TMPDIR", "TMP", "TEMP", "TERM", "LANG", "LANGUAGE", "TZ", "HOSTNAME", "PWD", "DISPLAY", "WAYLAND_DISPLAY",
        "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "KUBECONFIG", "CONTAINER_HOST",
        "SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT", "APPDATA", "LOCALAPPDATA", "PROGRAMDATA", "PROGRAMFILES", "PROGRAMFILES(X86)", "PROGRAMW6432",
        "USERPROFILE", "HOMEDRIVE", "HOMEPATH", "USERDOMAIN", "COMPUTERNAME", "NUMBER_OF_PROCESSORS", "PROCESSOR_ARCHITECTURE", "OS",
    };

    private static readonly string[] s_beginnings = ["LC_", "XDG_", "DOTNET_", "COMPLUS_", "ASPNETCORE_", "ASPIRE_", "DCP_", "OTEL_", "NUGET_", "DOCKER_", "MSBUILD"];

    public static bool MayInherit(string name) =>
        s_names.Contains(name) || s_beginnings.Any(beginning => name.StartsWith(beginning, StringComparison.OrdinalIgnoreCase));

    /// <summary>Takes everything else out of this process's environment. Configuration has been read by then.</summary>
    public static void Reduce()
    {
        foreach (var name in Environment.GetEnvironmentVariables().Keys.Cast<string>().Where(name => !MayInherit(name)).ToList())
            Environment.SetEnvironmentVariable(name, null);
    }

    /// <summary>Hands the services the settings that the AppHost was given, by variable or on its command line, names with dashes too.</summary>
    public static void ForwardSettings(this IDistributedApplicationBuilder builder)
    {
        var given = KnownSettings.Given(builder.Configuration).Where(setting => !KnownSettings.IsOfAppHost(setting.Key)).ToList();
        string[] names = ["api", "worker", "migrations"];
        foreach (var project in builder.Resources.OfType<ProjectResource>().Where(project => names.Contains(project.Name)))
        {
            var service = builder.CreateResourceBuilder(project);
            // Key files and lists of the developer's own take the place of the generated key.
            if (given.Any(setting => setting.Key.StartsWith("Router:MasterKeys", StringComparison.OrdinalIgnoreCase)))
                service.WithEnvironment("Router__MasterKeys__0", "");
            foreach (var (name, value) in given)
                service.WithEnvironment(KnownSettings.AsVariable(name), value);
            foreach (var name in (string[])["GOOGLE_CLOUD_PROJECT", "GOOGLE_CLOUD_LOCATION"])
            {
                if (builder.Configuration[name] is { Length: > 0 } value) service.WithEnvironment(name, value);
            }
        }
    }
}
