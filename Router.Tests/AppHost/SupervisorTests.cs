#if !USE_ASPIRE
using System.Diagnostics;
using Router.AppHost.Embedded;

namespace Router.Tests.AppHost;

/// <summary>Real processes: what a supervised child does when those around it die.</summary>
public sealed class SupervisorTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_child_reports_its_output_and_its_exit_code()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The embedded runner needs a POSIX shell.");
        var lines = new List<string>();
        using var process = Start(["sh", "-c", "echo hello; exit 7"], lines.Add);
        Assert.Equal(7, await process.Completion.WaitAsync(Cancellation));
        Assert.Equal(["hello"], lines);
    }

    [Fact]
    public async Task A_child_that_ignores_its_stop_signal_is_killed_after_the_grace()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The embedded runner needs a POSIX shell.");
        var ready = new TaskCompletionSource();
        using var process = Start(["sh", "-c", "trap '' TERM; echo ready; while :; do sleep 0.05; done"], _ => ready.TrySetResult());
        await ready.Task.WaitAsync(Cancellation);
        await process.StopAsync().WaitAsync(TimeSpan.FromSeconds(5), Cancellation);
        Assert.Equal(137, await process.Completion);
    }

    [Fact]
    public async Task Killing_the_shell_between_takes_the_child_along()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The embedded runner needs a POSIX shell.");
        var shell = new TaskCompletionSource<string>();
        using var process = Start(["sh", "-c", "echo $PPID; exec sleep 600"], shell.SetResult);
        var child = Assert.NotNull(await process.Pid.WaitAsync(Cancellation));
        await ShortCommand.RunAsync(["sh", "-c", "kill -9 " + await shell.Task], Cancellation);
        await process.Completion.WaitAsync(TimeSpan.FromSeconds(5), Cancellation);
        Assert.False(IsAlive(child));
    }

    [Fact]
    public async Task Kill_9_of_the_parent_leaves_no_child()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The embedded runner needs a POSIX shell.");

        // A parent that can be killed: it starts the supervisor as the runner does, holds the pipe's end, and waits.
        var argv = Supervisor.Wrap("TERM", TimeSpan.FromSeconds(1), ["sleep", "600"]);
        var start = new ProcessStartInfo("sh", ["-c", "mkfifo \"$0\"; \"$@\" <\"$0\" & exec 9>\"$0\"; rm \"$0\"; wait", Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()), .. argv]) { RedirectStandardOutput = true };
        using var parent = Process.Start(start)!;
        var line = await parent.StandardOutput.ReadLineAsync(Cancellation);
        var child = int.Parse(line!.AsSpan(Supervisor.PidPrefix.Length), System.Globalization.CultureInfo.InvariantCulture);
        Assert.True(IsAlive(child));

        parent.Kill();

        for (var attempt = 0; IsAlive(child) && attempt < 100; attempt++)
            await Task.Delay(50, Cancellation);
        Assert.False(IsAlive(child));
    }

    private static SupervisedProcess Start(string[] command, Action<string> log) =>
        SupervisedProcess.Start(new(command, ProjectEnvironment.Inherited(), "/", "TERM", TimeSpan.FromSeconds(0.5)), log);

    private static bool IsAlive(int pid)
    {
        // An init that reaps late leaves a zombie for a while; that one runs nothing.
        if (OperatingSystem.IsLinux())
        {
            try
            {
                if (File.ReadAllText($"/proc/{pid}/stat").Contains(") Z ", StringComparison.Ordinal)) return false;
            }
            catch (IOException)
            {
                return false; // It went before or while it was read.
            }
        }

        try
        {
            using var process = Process.GetProcessById(pid);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
#endif
