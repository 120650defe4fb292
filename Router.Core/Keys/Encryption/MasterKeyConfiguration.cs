using System.Collections.Immutable;
using System.Security.Cryptography;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Router.Core.Keys;

/// <summary>
/// Reads the master keys from <c>Router:MasterKeys</c> (an array, or one text separated by commas) or, one per line,
/// from the file named by <c>Router:MasterKeysFile</c>. Every problem is collected; no message holds key material:
/// entries are named by position, and by name only where the name is well-formed and too short to be a key itself.
/// </summary>
public static class MasterKeyConfiguration
{
    private const string Section = "Router:MasterKeys";
    private const string FileSection = "Router:MasterKeysFile";
    private const int MaxNameLength = 32;

    /// <exception cref="OptionsValidationException">The configuration is unusable; lists every problem.</exception>
    public static MasterKeyRing Load(IConfiguration configuration)
    {
        var problems = new List<string>();
        var entries = ReadEntries(configuration, problems);
        var keys = Parse(entries, problems);
        if (problems.Count == 0 && keys.IsEmpty)
        {
            problems.Add(
                $"No master key is configured: set {Section} to a list of name:base64 (32 random bytes), newest first, "
                + $"or {FileSection} to a file with one per line");
        }

        return problems.Count == 0 ? new MasterKeyRing(keys) : throw new OptionsValidationException(Section, typeof(MasterKeyRing), problems);
    }

    /// <summary>Whether they stand in a file, which may change while the process runs.</summary>
    internal static bool IsFile(IConfiguration configuration) => configuration[FileSection] is { Length: > 0 };

    private static List<string> ReadEntries(IConfiguration configuration, List<string> problems)
    {
        var section = configuration.GetSection(Section);
        // An empty entry is one that somebody took back.
        List<string> entries = [.. section.GetChildren().Select(child => child.Value ?? "").Where(entry => entry.Length > 0)];
        if (section.Value is { } text)
            entries.AddRange(text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
        if (configuration[FileSection] is not { Length: > 0 } path)
            return entries;
        if (entries.Count > 0)
            problems.Add($"{Section} and {FileSection} are both set: use one");
        try
        {
            entries.AddRange(File.ReadAllLines(path).Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#'));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            problems.Add($"{FileSection} cannot be read ({exception.GetType().Name})");
        }

        return entries;
    }

    private static ImmutableArray<MasterKey> Parse(List<string> entries, List<string> problems)
    {
        var keys = ImmutableArray.CreateBuilder<MasterKey>();
        for (var i = 0; i < entries.Count; i++)
        {
            if (ParseEntry(entries[i], $"{Section}: entry {i + 1}", problems) is not { } key)
                continue;
            if (keys.Any(other => other.Name == key.Name))
                problems.Add($"{Section}: entry {i + 1} repeats the name '{key.Name}'");
            if (keys.FirstOrDefault(other => CryptographicOperations.FixedTimeEquals(other.Bytes, key.Bytes)) is { } same)
                problems.Add($"{Section}: entry {i + 1} ('{key.Name}') is the same key as '{same.Name}'");
            keys.Add(key);
        }

        return keys.ToImmutable();
    }

    private static MasterKey? ParseEntry(string entry, string position, List<string> problems)
    {
        var colon = entry.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0 || !IsName(entry.AsSpan(0, colon)))
        {
            problems.Add($"{position} is not of the form name:base64, with a name of 1 to {MaxNameLength} letters, digits, '.', '_' or '-'");
            return null;
        }

        var name = entry[..colon];
        var bytes = new byte[MasterKey.Size];
        var scratch = new byte[256];
        if (!Convert.TryFromBase64String(entry[(colon + 1)..].Trim(), scratch, out var written) || written != MasterKey.Size)
        {
            problems.Add($"{position} ('{name}') is not base64 of exactly {MasterKey.Size} bytes");
            return null;
        }

        scratch.AsSpan(0, written).CopyTo(bytes);
        CryptographicOperations.ZeroMemory(scratch);
        if (bytes.AsSpan().IndexOfAnyExcept(bytes[0]) < 0)
            problems.Add($"{position} ('{name}') is one byte repeated, not a random key");
        return new MasterKey(name, bytes);
    }

    private static bool IsName(ReadOnlySpan<char> name)
    {
        if (name.Length is 0 or > MaxNameLength)
            return false;
        foreach (var character in name)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character is not ('.' or '_' or '-'))
                return false;
        }

        return true;
    }
}
