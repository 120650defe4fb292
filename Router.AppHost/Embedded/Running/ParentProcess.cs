namespace Router.AppHost.Embedded;

/// <summary>The process that started this one.</summary>
internal static class ParentProcess
{
    public static int Id() => NativeMethods.ParentId();

    /// <summary>True under <c>dotnet run</c> or <c>dotnet watch</c>, which a person would kill to end this process.</summary>
    public static bool IsDotnetRun(out int parent)
    {
        parent = Id();
        var commandLine = $"/proc/{parent}/cmdline";
        if (!File.Exists(commandLine)) return false;
        var words = File.ReadAllText(commandLine).Split('\0');
        return Path.GetFileNameWithoutExtension(words[0]) == "dotnet" && words.Any(w => w is "run" or "watch");
    }
}
