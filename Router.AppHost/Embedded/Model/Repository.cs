using System.Reflection;

namespace Router.AppHost.Embedded;

/// <summary>Where the sources and the build outputs of the services are; stamped on the assembly by the build.</summary>
internal static class Repository
{
    public static string Root { get; } = Metadata("RepositoryRoot");

    public static string Project(string name) => Path.Combine(Root, name, name + ".csproj");

    /// <summary>The program built with the AppHost's own configuration and target framework.</summary>
    public static string Program(string projectPath) => Path.Combine(
        Path.GetDirectoryName(projectPath)!, "bin", Metadata("BuildOutput"), Path.GetFileNameWithoutExtension(projectPath) + ".dll");

    private static string Metadata(string key) =>
        typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(a => a.Key == key).Value!;
}
