using System.Text.Json;

namespace Router.AppHost.Embedded;

/// <summary>The profile of a project's launchSettings.json that Aspire would start it with.</summary>
internal sealed record LaunchSettings(IReadOnlyList<Uri> Urls, IReadOnlyDictionary<string, string> Environment)
{
    private static readonly LaunchSettings s_none = new([], new Dictionary<string, string>());

    /// <summary>A profile that is named but missing falls back to the first; no name means no profile.</summary>
    public static LaunchSettings Read(string projectPath, string? profileName)
    {
        var file = Path.Combine(Path.GetDirectoryName(projectPath)!, "Properties", "launchSettings.json");
        if (profileName is null || !File.Exists(file)) return s_none;

        using var json = JsonDocument.Parse(File.ReadAllBytes(file), new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip });
        if (!json.RootElement.TryGetProperty("profiles", out var profiles)) return s_none;
        if (!profiles.TryGetProperty(profileName, out var profile)) profile = profiles.EnumerateObject().First().Value;

        var urls = profile.TryGetProperty("applicationUrl", out var url) ? url.GetString()!.Split(';') : [];
        var variables = profile.TryGetProperty("environmentVariables", out var values)
            ? values.EnumerateObject().ToDictionary(v => v.Name, v => v.Value.GetString() ?? "")
            : [];
        return new([.. urls.Select(u => new Uri(u))], variables);
    }
}
