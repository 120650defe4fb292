using System.Diagnostics;
using System.Reflection;
using Router.Tests.EndToEnd;

namespace Router.Tests.Clients;

/// <summary>The JavaScript clients people use, run with Node against the router; skipped where their packages are not installed.</summary>
[Collection(StackCollection.Name)]
public sealed class NpmClientTests(Stack stack)
{
    private static readonly string Folder = Path.Combine(
        typeof(NpmClientTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == "TestProject").Value!, "Clients", "npm");

    public static TheoryData<string, string> Runs => [.. OpenAISdkTests.Models.SelectMany(model => new TheoryDataRow<string, string>[] { new("openai.mjs", model.Data), new("ai.mjs", model.Data) })];

    [Theory]
    [MemberData(nameof(Runs))]
    public async Task It_streams_calls_tools_gets_structured_output_and_typed_errors(string script, string model)
    {
        Assert.SkipUnless(Directory.Exists(Path.Combine(Folder, "node_modules")), "The npm packages are not installed: run npm install in Router.Tests/Clients/npm.");
        using var node = Process.Start(new ProcessStartInfo("node", [script, new Uri(stack.Api.BaseAddress!, "v1").AbsoluteUri, stack.RouterKey, model])
        {
            WorkingDirectory = Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> output = node.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Task<string> errors = node.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await node.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(node.ExitCode == 0 && (await output).Contains("ok", StringComparison.Ordinal), await output + await errors);
    }
}
