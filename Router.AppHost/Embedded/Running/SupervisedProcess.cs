using System.Diagnostics;
using System.Globalization;

namespace Router.AppHost.Embedded;

internal sealed record SupervisedCommand(
    IReadOnlyList<string> Command,
    IReadOnlyDictionary<string, string?> Environment,
    string WorkingDirectory,
    string StopSignal,
    TimeSpan Grace);

/// <summary>A child that cannot outlive the AppHost. See <see cref="Supervisor"/>.</summary>
internal sealed class SupervisedProcess : IDisposable
{
    private readonly Process _process;
    private readonly TimeSpan _grace;
    private readonly Action<string> _log;
    private readonly TaskCompletionSource<int?> _pid = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private SupervisedProcess(Process process, TimeSpan grace, Action<string> log)
    {
        (_process, _grace, _log) = (process, grace, log);
        Completion = CompleteAsync(ReadAsync(process.StandardOutput), ReadAsync(process.StandardError));
    }

    /// <summary>The exit code, once the command is gone and its output is read.</summary>
    public Task<int> Completion { get; }

    /// <summary>The pid of the command itself; null when it never started.</summary>
    public Task<int?> Pid => _pid.Task;

    public static SupervisedProcess Start(SupervisedCommand command, Action<string> log)
    {
        var argv = Supervisor.Wrap(command.StopSignal, command.Grace, command.Command).ToArray();
        var start = new ProcessStartInfo(argv[0], argv[1..])
        {
            WorkingDirectory = command.WorkingDirectory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Clear();
        foreach (var (name, value) in command.Environment)
            start.Environment[name] = value;
        return new(Process.Start(start)!, command.Grace, log);
    }

    /// <summary>Sends a signal by its short name: TERM, KILL, STOP, CONT.</summary>
    public void Signal(string name)
    {
        try
        {
            _process.StandardInput.WriteLine(name);
            _process.StandardInput.Flush();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The child is gone already.
        }
    }

    /// <summary>Stops the child: its stop signal, and KILL after the grace.</summary>
    public async Task StopAsync()
    {
        CloseInput();
        await Completion;
    }

    public void Dispose() => _process.Dispose();

    private void CloseInput()
    {
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // Nobody reads any more.
        }
    }

    private async Task<int> CompleteAsync(params Task[] readers)
    {
        await _process.WaitForExitAsync();
        _pid.TrySetResult(null);
        CloseInput();
        await WaitForCommandAsync(await _pid.Task);
        await Task.WhenAny(Task.WhenAll(readers), Task.Delay(TimeSpan.FromMilliseconds(500)));
        return _process.ExitCode;
    }

    /// <summary>When the shell was killed, its command may still be stopping.</summary>
    private async Task WaitForCommandAsync(int? pid)
    {
        if (pid is not { } id) return;
        try
        {
            using var command = Process.GetProcessById(id);
            using var patience = new CancellationTokenSource(_grace + TimeSpan.FromSeconds(1));
            await command.WaitForExitAsync(patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!command.HasExited) command.Kill();
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // Gone, as it should be.
        }
    }

    private async Task ReadAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            if (line.StartsWith(Supervisor.PidPrefix, StringComparison.Ordinal)
                && int.TryParse(line.AsSpan(Supervisor.PidPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var pid))
                _pid.TrySetResult(pid);
            else
                _log(line);
        }
    }
}
