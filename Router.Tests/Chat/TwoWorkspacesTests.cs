using System.Collections.Frozen;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Router.Api.Dialects.OpenAI;
using Router.Core.Failures;
using Router.Core.Health;
using Router.Core.Keys;
using Router.Core.Providers;
using Router.Core.Routing;
using Router.Tests.Support;

namespace Router.Tests.Chat;

/// <summary>Whatever one workspace does or its keys come to, the plans and the answers of another stay what they were.</summary>
public sealed class TwoWorkspacesTests : IAsyncLifetime
{
    private readonly Pipeline _pipeline = new();
    private ServiceProvider _services = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>What is no provider's fault: of the keys, and of what is asked for.</summary>
    public static TheoryData<string, string, string> Faults() =>
    [
        .. from row in FaultTable.Rows
           where row.Json is not (Effect.None or Effect.Transient or Effect.Silent or Effect.Unknown)
           from dialect in row.Dialects
           select new TheoryDataRow<string, string, string>(row.Name, Slug(dialect), $$"""{"byok_only":true,"simulate":{{row.Script}}}"""),
        .. from slug in (string[])["openai", "anthropic", "google-ai-studio"]
           from fault in ((string Name, string Members)[])
           [
               ("the operator's key, a refused request", """{"ignore":[],"simulate":{"status":422}}"""),
               ("the operator's key, a request too large", """{"ignore":[],"simulate":{"status":413}}"""),
               ("the operator's key, an invented model", """{"model":"INVENTED","simulate":{"status":404}}"""),
               ("a request that no dialect but OpenAI's carries", """{"strict":true,"tools":[{"type":"custom","custom":{"name":"grep"}}],"simulate":{"status":400}}"""),
               ("a runtime key that is wrong", """{"provider_credentials":{"SLUG":{"api_key":"sim-invalid-of-a","fallback_to_system":false}}}"""),
               ("a runtime key that quotes a wrong key", """{"provider_credentials":{"SLUG":{"api_key":"sim-good-a","fallback_to_system":false}},"simulate":{"status":400,"body":{"error":{"message":"API key not valid","code":400,"status":"INVALID_ARGUMENT"}}}}"""),
               ("a first-token limit that is too short", """{"fallback":{"ttft_timeout":"20ms"},"simulate":{"delayBeforeHeadersMs":2000}}"""),
               ("a deadline that is too short", """{"fallback":{"deadline":"20ms"},"simulate":{"delayBeforeHeadersMs":2000}}"""),
           ]
           select new TheoryDataRow<string, string, string>(fault.Name, slug, fault.Members.Replace("SLUG", slug, StringComparison.Ordinal)),
    ];

    public async ValueTask InitializeAsync()
    {
        await _pipeline.InitializeAsync();
        _services = Pipeline.Build(_pipeline.Simulator.BaseAddress!.ToString(), new CredentialHealth(new Stored(), TimeProvider.System, new HealthOutbox()), ("Router:Fallback:LongestWait", "00:00:00"));
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await _pipeline.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_fault_of_one_leaves_the_other_as_it_was(string name, string slug, string members)
    {
        string model = slug switch { "openai" => "openai/gpt-4o", "anthropic" => "anthropic/claude-haiku-5-5", _ => "google-ai-studio/gemini-2.5-flash" };
        string[] before = Plans(slug, model);
        // A JSON answer has no first token.
        foreach (bool stream in members.Contains("ttft_timeout", StringComparison.Ordinal) ? (bool[])[true] : [false, true])
        {
            for (int i = 0; i < 4; i++)
            {
                JsonObject body = JsonNode.Parse(members)!.AsObject();
                if (body["model"] is not null)
                {
                    body["model"] = $"{slug}/invented-{i}";
                }

                body.TryAdd("model", model);
                (body["stream"], body["messages"]) = (stream, JsonNode.Parse("""[{"role":"user","content":"Hi"}]"""));
                await Assert.ThrowsAnyAsync<Exception>(() => AskAsync(body.ToJsonString(), Of("a", slug)));
            }
        }

        Assert.True(before.SequenceEqual(Plans(slug, model)), name);
        Assert.Contains("Hi", await AskAsync($$"""{"model":"{{model}}","messages":[{"role":"user","content":"Hi"}]}""", Of("b", slug)), StringComparison.Ordinal);
        Assert.Contains("Hi", await AskAsync($$"""{"model":"{{model}}","messages":[{"role":"user","content":"Hi"}]}""", Of("c", null)), StringComparison.Ordinal);
    }

    /// <summary>What another workspace with a key of its own, and one with the operator's alone, would be served by.</summary>
    private string[] Plans(string slug, string model) =>
    [
        .. from workspace in (Workspace[])[Of("b", slug), Of("c", null)]
           from asked in (string[])[model, "auto", "gpt-oss-120b"]
           from entry in RoutePlanner.Plan(new PlanInput(asked, RouterOptions.None, workspace), _services.GetRequiredService<RoutingKnowledge>()).Entries
           select $"{workspace.Id} {asked}: {entry.QualifiedModel} {entry.Credential.Id} {entry.Health.Usable}",
    ];

    private async Task<string> AskAsync(string body, Workspace workspace)
    {
        ChatRequest request = _services.GetRequiredService<ChatRequestReader>().Read(Encoding.UTF8.GetBytes(body), workspace);
        var router = _services.GetRequiredService<IChatClient>();
        if (!request.Stream)
        {
            return (await router.GetResponseAsync(request.Messages, request.Options, Cancel)).Text;
        }

        var text = new StringBuilder();
        await foreach (ChatResponseUpdate update in router.GetStreamingResponseAsync(request.Messages, request.Options, Cancel))
        {
            text.Append(update.Text);
        }

        return text.ToString();
    }

    private static Workspace Of(string id, string? slug) => slug is null ? Pipeline.Workspace(null, id: id) : Pipeline.Workspace($"sim-good-{id}", provider: slug, id: id);

    private static string Slug(char dialect) => dialect switch { 'o' => "openai", 'a' => "anthropic", _ => "google-ai-studio" };

    private sealed class Stored : ISnapshotSource
    {
        public Snapshot Current { get; } = new(
            FrozenDictionary<string, RouterKey>.Empty,
            new[] { "a", "b" }.SelectMany(id => new[] { "openai", "anthropic", "google-ai-studio" }.Select(slug => Of(id, slug))).DistinctBy(workspace => workspace.Id).ToFrozenDictionary(workspace => workspace.Id),
            1,
            DateTimeOffset.UnixEpoch);
    }
}
