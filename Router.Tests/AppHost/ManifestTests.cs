using System.Diagnostics;
using System.Text.Json.Nodes;
using Router.AppHost.Development;

namespace Router.Tests.AppHost;

/// <summary>What publishing writes, by the AppHost's own program.</summary>
public sealed class ManifestTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_manifest_has_what_a_deployment_needs_and_nothing_of_a_developers_run()
    {
        using var directory = new TemporaryDirectory();
        string file = Path.Combine(directory.Path, "manifest.json");
        await PublishAsync(file);
        JsonObject resources = JsonNode.Parse(await File.ReadAllTextAsync(file, Cancel))!["resources"]!.AsObject();

        Assert.Equal(["container.v0", "container.v0"], ((string[])["postgres", "cache"]).Select(name => (string)resources[name]!["type"]!));
        Assert.False(resources.ContainsKey("simulator"));
        Assert.False(resources.ContainsKey("router-key"));
        foreach (string parameter in (string[])["master-key", "admin-key", "openai-api-key"])
        {
            Assert.True((bool)resources[parameter]!["inputs"]!["value"]!["secret"]!);
        }

        JsonObject api = resources["api"]!["env"]!.AsObject();
        Assert.Equal("{routerdb.connectionString};Username=router;Password={database-password.value}", (string)api["ConnectionStrings__routerdb"]!);
        Assert.DoesNotContain("postgres-password", api.ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain(api, variable => variable.Key.StartsWith("ROUTERDB", StringComparison.OrdinalIgnoreCase) || variable.Key.Contains("owner", StringComparison.Ordinal));
        Assert.Equal("{cache.connectionString}", (string)api["ConnectionStrings__cache"]!);
        Assert.Equal("{master-key.value}", (string)api["Router__MasterKeys__0"]!);
        Assert.Equal("{admin-key.value}", (string)api["Router__AdminKey"]!);
        Assert.Equal("{openai-api-key.value}", (string)api["OPENAI_API_KEY"]!);
        Assert.DoesNotContain(api, variable => variable.Key.StartsWith("Router__Simulator", StringComparison.Ordinal) || variable.Key.StartsWith("Router__Telemetry", StringComparison.Ordinal));
        JsonObject worker = resources["worker"]!["env"]!.AsObject();
        Assert.Equal("{openai-api-key.value}", (string)worker["OPENAI_API_KEY"]!);
        Assert.False(worker.ContainsKey("Router__AdminKey"));
        Assert.Equal("{routerdb.connectionString}", (string)worker["ConnectionStrings__routerdb_owner"]!);
        Assert.Equal((string)api["ConnectionStrings__routerdb"]!, (string)worker["ConnectionStrings__routerdb"]!);
        Assert.Equal(["migrate"], resources["migrations"]!["args"]!.AsArray().Select(argument => (string)argument!));
    }

    private static async Task PublishAsync(string file)
    {
        string program = LocalRun.BuiltProgram(Path.GetFullPath(Path.Combine(Repository(), "Router.AppHost")));
        var start = new ProcessStartInfo(program, ["--operation", "publish", "--step", "publish-manifest", "--output-path", file])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetDirectoryName(file)!,
        };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(Cancel);
        string errors = await process.StandardError.ReadToEndAsync(Cancel);
        await process.WaitForExitAsync(Cancel);
        Assert.True(process.ExitCode == 0, await output + errors);
    }

    private static string Repository() => Path.GetDirectoryName(Path.GetDirectoryName(
        typeof(ManifestTests).Assembly.GetCustomAttributes(typeof(System.Reflection.AssemblyMetadataAttribute), false)
            .Cast<System.Reflection.AssemblyMetadataAttribute>().Single(a => a.Key == "TestProject").Value!))!;
}
