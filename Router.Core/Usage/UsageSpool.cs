using System.Globalization;
using System.Text.Json;
using Router.Core.Telemetry;

namespace Router.Core.Usage;

/// <summary>
/// Batches on disk, one file each, until Postgres takes them. A file appears whole, under its final name, after it was synced. Any
/// process may drain what another left behind: writing a batch twice changes nothing. Bounded: what does not fit is refused, and waits
/// elsewhere.
/// </summary>
public sealed class UsageSpool(string directory, long mostBytes, TimeProvider time)
{
    private const string Extension = ".usage";
    private const string New = ".new";

    /// <summary>What a test writes; a batch may be smaller, and is rarely larger.</summary>
    private const int TestBytes = 16 * 1024;

    private int _number;

    /// <summary>False where the operator wants none: then nothing is put aside.</summary>
    public bool IsOn => mostBytes > 0;

    /// <exception cref="IOException">The disk, or what the spool may take of it, is full; or there is no such place.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written to.</exception>
    public async Task PutAsync(IReadOnlyList<UsageRecord> records, CancellationToken cancellationToken)
    {
        Create(directory);
        // In memory first: a full spool is asked again and again, and the disk need not hear of it.
        using var lines = new MemoryStream();
        foreach (var record in records)
        {
            await JsonSerializer.SerializeAsync(lines, record, UsageJsonContext.Default.UsageRecord, cancellationToken).ConfigureAwait(false);
            lines.WriteByte((byte)'\n');
        }

        if (Size() + lines.Length > mostBytes)
            throw Full();
        var name = string.Create(CultureInfo.InvariantCulture, $"{time.GetUtcNow():yyyyMMddHHmmssfff}-{Environment.ProcessId}-{Interlocked.Increment(ref _number):D6}");
        await PlaceAsync(Path.Combine(directory, name + Extension), lines.GetBuffer().AsMemory(0, (int)lines.Length), cancellationToken).ConfigureAwait(false);
        UsageTelemetry.Spooled.Add(records.Count);
    }

    /// <summary>Whether a batch could be put aside now: writes something of a batch's size, and takes it away again.</summary>
    /// <exception cref="IOException">As <see cref="PutAsync"/>.</exception>
    /// <exception cref="UnauthorizedAccessException">As <see cref="PutAsync"/>.</exception>
    public async Task TestAsync(CancellationToken cancellationToken)
    {
        if (!IsOn)
            return;
        Create(directory);
        var size = (int)Math.Min(TestBytes, mostBytes);
        if (Size() + size > mostBytes)
            throw Full();
        var path = Path.Combine(directory, string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}-{Interlocked.Increment(ref _number):D6}.test"));
        await PlaceAsync(path, new byte[size], cancellationToken).ConfigureAwait(false);
        File.Delete(path);
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

    /// <summary>Under its name once it is whole and synced; half a batch is of no use, and nothing else would ever take it away.</summary>
    private static async Task PlaceAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        try
        {
            await using (var file = new FileStream(path + New, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                await file.WriteAsync(content, cancellationToken).ConfigureAwait(false);
                await file.FlushAsync(cancellationToken).ConfigureAwait(false);
                file.Flush(flushToDisk: true);
            }

            File.Move(path + New, path);
        }
        catch
        {
            TryDelete(path + New);
            throw;
        }
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The trouble that is being told already.
        }
    }

    private IOException Full() => new($"The spool holds {mostBytes} bytes and takes no more.");

    /// <summary>Of what waits in it, for any process.</summary>
    private long Size() => Files().Select(file => new FileInfo(file)).Sum(file => file.Exists ? file.Length : 0);
}
