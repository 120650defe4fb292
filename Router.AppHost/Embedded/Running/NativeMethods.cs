using System.Runtime.InteropServices;

namespace Router.AppHost.Embedded;

internal static class NativeMethods
{
    private const int Interrupt = 2;

    public static int ParentId() => GetParentProcessId();

    public static void RestoreInterrupt() => SetSignal(Interrupt, 0);

    [DllImport("libc", EntryPoint = "getppid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int GetParentProcessId();

    [DllImport("libc", EntryPoint = "signal")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint SetSignal(int signal, nint handler);
}
