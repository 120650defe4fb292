using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Router.AppHost.Development;

namespace Router.Tests.Restart;

/// <summary>One API as a process of its own, on a port that it keeps, which can be told to stop, killed, and started again.</summary>
internal sealed class ApiProcess(IReadOnlyDictionary<string, string> environment) : IDisposable
{
    private readonly StringBuilder _output = new();
    private Process? _process;

    public int Port { get; } = FreePort();

    /// <summary>What it has written.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    public void Start()
    {
        string program = LocalRun.BuiltProgram(Path.Combine(Repository(), "Router.Api"));
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Path.GetDirectoryName(program)! };
        // What this machine's developer has set is no part of the test.
        foreach (string name in start.Environment.Keys.Where(name => name.StartsWith("Router__", StringComparison.OrdinalIgnoreCase) || name.EndsWith("_API_KEY", StringComparison.Ordinal) || name.StartsWith("OTEL_", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(name);
        }

        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        start.Environment["ASPNETCORE_URLS"] = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{Port}");
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>As any orchestrator does. Returns when it has ended by itself.</summary>
    public async Task StopAsync(TimeSpan within, CancellationToken cancellationToken)
    {
        using (Process kill = Process.Start("kill", ["-TERM", _process!.Id.ToString(CultureInfo.InvariantCulture)]))
        {
            await kill.WaitForExitAsync(cancellationToken);
        }

        await _process.WaitForExitAsync(cancellationToken).WaitAsync(within, cancellationToken);
        Assert.True(_process.ExitCode == 0, Output);
    }

    public async Task KillAsync(CancellationToken cancellationToken)
    {
        _process!.Kill();
        await _process.WaitForExitAsync(cancellationToken);
    }

    public void Dispose()
    {
        if (_process is { HasExited: false })
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process?.Dispose();
    }

    private void Keep(string? line)
    {
        lock (_output)
        {
            _output.AppendLine(line);
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string Repository() => Path.GetDirectoryName(Path.GetDirectoryName(
        typeof(ApiProcess).Assembly.GetCustomAttributes(typeof(System.Reflection.AssemblyMetadataAttribute), false)
            .Cast<System.Reflection.AssemblyMetadataAttribute>().Single(a => a.Key == "TestProject").Value!))!;
}
