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

    private int _number;

    public async Task PutAsync(IReadOnlyList<UsageRecord> records, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(directory);
        var name = string.Create(CultureInfo.InvariantCulture, $"{time.GetUtcNow():yyyyMMddHHmmssfff}-{Environment.ProcessId}-{Interlocked.Increment(ref _number):D6}");
        var path = Path.Combine(directory, name + Extension);
        await using (var file = new FileStream(path + ".new", FileMode.CreateNew, FileAccess.Write, FileShare.None))
        {
            foreach (var record in records)
            {
                await JsonSerializer.SerializeAsync(file, record, UsageJsonContext.Default.UsageRecord, cancellationToken).ConfigureAwait(false);
                file.WriteByte((byte)'\n');
            }

            await file.FlushAsync(cancellationToken).ConfigureAwait(false);
            file.Flush(flushToDisk: true);
        }

        File.Move(path + ".new", path);
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
