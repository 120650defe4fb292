using System.Runtime.CompilerServices;

namespace Router.Tests.Support;

/// <summary>
/// What tests start lives for a minute or two: compiling it twice to learn how it runs costs more than it gives. This process has the
/// same setting in its project; what it starts has it by its environment.
/// </summary>
internal static class QuickStart
{
    [ModuleInitializer]
    internal static void Set() => Environment.SetEnvironmentVariable("DOTNET_TieredPGO", "0");
}
