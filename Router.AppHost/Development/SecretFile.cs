using System.Text.Json;

namespace Router.AppHost.Development;

/// <summary>Secrets generated on first use and kept in one file that only its owner can read.</summary>
internal sealed class SecretFile(string directory)
{
    private static readonly Lock s_lock = new();

    private string FileName => Path.Combine(directory, "secrets.json");

    public string GetOrCreate(string name, Func<string> generate)
    {
        lock (s_lock)
        {
            var secrets = File.Exists(FileName)
                ? JsonSerializer.Deserialize<SortedDictionary<string, string>>(File.ReadAllBytes(FileName))!
                : [];
            if (secrets.TryGetValue(name, out var known)) return known;

            secrets[name] = generate();
            Write(secrets);
            return secrets[name];
        }
    }

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
