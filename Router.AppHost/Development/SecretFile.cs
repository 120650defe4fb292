using System.Text.Json;

namespace Router.AppHost.Development;

/// <summary>Secrets generated on first use and kept in one file that only its owner can read.</summary>
internal sealed class SecretFile(string directory)
{
    private static readonly Lock s_lock = new();

    private string FileName => Path.Combine(directory, "secrets.json");

    /// <summary>The secret, or null where none is kept.</summary>
    public string? Find(string name)
    {
        lock (s_lock)
        {
            return Read().GetValueOrDefault(name);
        }
    }

    public string GetOrCreate(string name, Func<string> generate)
    {
        lock (s_lock)
        {
            var secrets = Read();
            if (secrets.TryGetValue(name, out var known)) return known;

            secrets[name] = generate();
            Write(secrets);
            return secrets[name];
        }
    }

    public void Replace(IReadOnlyDictionary<string, string> replacements)
    {
        lock (s_lock)
        {
            var secrets = Read();
            foreach (var (name, secret) in replacements) secrets[name] = secret;
            Write(secrets);
        }
    }

    public StartFault? FindFault()
    {
        try
        {
            Find("");
            return null;
        }
        catch (JsonException)
        {
            return new($"{FileName} is damaged. Put a copy of it back; without it a new master key is made, and stored provider keys can't be read any more.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new($"{FileName} cannot be read by {Environment.UserName}.");
        }
    }

    private SortedDictionary<string, string> Read() => File.Exists(FileName)
        ? JsonSerializer.Deserialize<SortedDictionary<string, string>>(File.ReadAllBytes(FileName)) ?? throw new JsonException()
        : [];

    /// <summary>Written beside and moved over, so that a crash leaves the old file or the new one.</summary>
    private void Write(SortedDictionary<string, string> secrets)
    {
        Directory.CreateDirectory(directory);
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var temporary = FileName + ".new";
        File.Delete(temporary);
        using (var stream = new FileStream(temporary, options))
            JsonSerializer.Serialize(stream, secrets);
        File.Move(temporary, FileName, overwrite: true);
    }
}
