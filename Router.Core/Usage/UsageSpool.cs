using System.Globalization;
using System.Text.Json;
using Router.Core.Telemetry;

namespace Router.Core.Usage;

/// <summary>
/// Batches on disk, one file each, until Postgres takes them. A file appears whole, under its final name, after it was synced. Any
/// process may drain what another left behind: writing a batch twice changes nothing. Bounded: the oldest go first.
/// </summary>
public sealed class UsageSpool(string directory, long mostBytes, TimeProvider time)
{
    private const string Extension = ".usage";
    private const string New = ".new";

    private int _number;

    public async Task PutAsync(IReadOnlyList<UsageRecord> records, CancellationToken cancellationToken)
    {
        Create(directory);
        var name = string.Create(CultureInfo.InvariantCulture, $"{time.GetUtcNow():yyyyMMddHHmmssfff}-{Environment.ProcessId}-{Interlocked.Increment(ref _number):D6}");
        var path = Path.Combine(directory, name + Extension);
        try
        {
            await WriteAsync(path + New, records, cancellationToken).ConfigureAwait(false);
            File.Move(path + New, path);
        }
        catch
        {
            // Half a batch is of no use, and nothing else would ever take it away.
            File.Delete(path + New);
            throw;
        }

        UsageTelemetry.Spooled.Add(records.Count);
        Bound();
    }

    /// <summary>Oldest first. A file that is gone when it is read was drained by another process.</summary>
    public IReadOnlyList<string> Files() => Directory.Exists(directory)
        ? [.. Directory.EnumerateFiles(directory, "*" + Extension).Order(StringComparer.Ordinal)]
        : [];

    /// <returns>Null when there is no such file any more. Lines that are no record are left out and counted as dropped.</returns>
    public static async Task<IReadOnlyList<UsageRecord>?> ReadAsync(string file, CancellationToken cancellationToken)
    {
        string[] lines;
        try
        {
            lines = await File.ReadAllLinesAsync(file, cancellationToken).ConfigureAwait(false);
        }
        catch (FileNotFoundException)
        {
            return null;
        }

        var records = new List<UsageRecord>(lines.Length);
        foreach (var line in lines)
        {
            try
            {
                if (JsonSerializer.Deserialize(line, UsageJsonContext.Default.UsageRecord) is { WorkspaceId: not null, Provider: not null, Model: not null } record)
                    records.Add(record);
                else
                    UsageTelemetry.Dropped.Add(1);
            }
            catch (JsonException)
            {
                UsageTelemetry.Dropped.Add(1);
            }
        }

        return records;
    }

    /// <summary>Under the user's state directory, where it has one it may write to; receipts tell of who asked for what.</summary>
    public static string DefaultDirectory()
    {
        var state = Environment.GetEnvironmentVariable("XDG_STATE_HOME") is { Length: > 0 } given ? given
            : Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) is { Length: > 0 } home ? Path.Combine(home, ".local", "state")
            : null;
        try
        {
            if (state is not null)
            {
                var directory = Path.Combine(state, "router", "usage-spool");
                Create(directory);
                return directory;
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A home that is not there or not writable, as containers have.
        }

        return Path.Combine(Path.GetTempPath(), $"router-usage-spool-{Environment.UserName}");
    }

    private static void Create(string directory)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(directory);
        else
            Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private static async Task WriteAsync(string path, IReadOnlyList<UsageRecord> records, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        foreach (var record in records)
        {
            await JsonSerializer.SerializeAsync(file, record, UsageJsonContext.Default.UsageRecord, cancellationToken).ConfigureAwait(false);
            file.WriteByte((byte)'\n');
        }

        await file.FlushAsync(cancellationToken).ConfigureAwait(false);
        file.Flush(flushToDisk: true);
    }

    private void Bound()
    {
        var files = Files().Select(file => new FileInfo(file)).Where(file => file.Exists).ToList();
        var bytes = files.Sum(file => file.Length);
        foreach (var file in files)
        {
            if (bytes <= mostBytes)
                return;
            UsageTelemetry.Dropped.Add(File.ReadLines(file.FullName).Count());
            bytes -= file.Length;
            file.Delete();
        }
    }
}
