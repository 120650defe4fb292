namespace Router.AppHost.Development;

/// <summary>One run per state directory. The lock is the kernel's, so it ends with the process however that ends.</summary>
internal sealed class StateLock : IDisposable
{
    private readonly FileStream _stream;
    private readonly string _announcement;

    private StateLock(FileStream stream, string announcement) => (_stream, _announcement) = (stream, announcement);

    public static (StateLock? Lock, StartFault? Fault) Take(string directory)
    {
        var announcement = Path.Combine(directory, "running");
        try
        {
            CreateDirectory(directory);
            var stream = new FileStream(Path.Combine(directory, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            File.WriteAllText(announcement, $"{Environment.ProcessId}");
            return (new(stream, announcement), null);
        }
        catch (UnauthorizedAccessException)
        {
            return (null, NotWritable(directory));
        }
        catch (IOException) when (File.Exists(Path.Combine(directory, "lock")))
        {
            return (null, AlreadyRunning(directory, File.Exists(announcement) ? File.ReadAllLines(announcement) : []));
        }
        catch (IOException)
        {
            return (null, NotWritable(directory));
        }
    }

    /// <summary>Says where the API is, for the one who comes second.</summary>
    public void Announce(string api) => File.WriteAllLines(_announcement, [$"{Environment.ProcessId}", api]);

    public void Dispose()
    {
        File.Delete(_announcement);
        _stream.Dispose();
    }

    private static StartFault NotWritable(string directory) =>
        new($"{directory} cannot be written by {Environment.UserName}. Set Router__StateDirectory to a directory that can.");

    private static StartFault AlreadyRunning(string directory, string[] announcement)
    {
        var process = announcement.Length > 0 && announcement[0].Length > 0 ? $" (process {announcement[0]})" : "";
        var address = announcement.Length > 1 ? $", at {announcement[1]}" : "";
        return new($"Router already runs from this checkout{process}{address}. Stop it first, or set Router__StateDirectory to another directory than {directory}.");
    }

    /// <summary>Root's state must be searchable by the account that runs PostgreSQL, whatever the umask; its files are not readable.</summary>
    private static void CreateDirectory(string directory)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(directory);
            return;
        }

        var mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        if (Environment.IsPrivilegedProcess)
            mode |= UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
        Create(directory, mode);
    }

    // Only what is created here gets the mode; parents that exist keep theirs.
    private static void Create(string directory, UnixFileMode mode)
    {
        if (Directory.Exists(directory)) return;
        if (Path.GetDirectoryName(directory) is { } parent) Create(parent, mode);
        Directory.CreateDirectory(directory);
        File.SetUnixFileMode(directory, mode);
    }
}
