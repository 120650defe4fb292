namespace Router.AppHost.Embedded;

/// <summary>One AppHost per state directory. The lock is the kernel's, so it ends with the process however that ends.</summary>
internal sealed class StateLock : IDisposable
{
    private readonly FileStream _stream;
    private readonly string _announcement;

    private StateLock(FileStream stream, string announcement) => (_stream, _announcement) = (stream, announcement);

    public static StateLock Take(string directory)
    {
        CreateDirectory(directory);
        var announcement = Path.Combine(directory, "running");
        try
        {
            var stream = new FileStream(Path.Combine(directory, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            File.Delete(announcement);
            return new(stream, announcement);
        }
        catch (IOException)
        {
            var lines = File.Exists(announcement) ? File.ReadAllLines(announcement) : [];
            throw new DistributedApplicationException(Messages.AlreadyRunning(directory, lines.ElementAtOrDefault(0), lines.ElementAtOrDefault(1)));
        }
        catch (UnauthorizedAccessException)
        {
            throw new DistributedApplicationException($"{directory} is not writable for {Environment.UserName}. Set Router:StateDirectory or ROUTER_STATE_DIR to one that is.");
        }
    }

    /// <summary>Says who runs and where its API is, for the one who comes second.</summary>
    public void Announce(string? api) => File.WriteAllLines(_announcement, [$"{Environment.ProcessId}", .. api is null ? Array.Empty<string>() : [api]]);

    public void Dispose()
    {
        File.Delete(_announcement);
        _stream.Dispose();
    }

    /// <summary>Root's state must be searchable by the account that runs PostgreSQL, whatever the umask; its files are not readable.</summary>
    private static void CreateDirectory(string directory)
    {
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
