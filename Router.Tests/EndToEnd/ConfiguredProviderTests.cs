using System.Text.Json.Nodes;

namespace Router.Tests.EndToEnd;

/// <summary>A provider of OpenAI's dialect that no code names: the fixture gives it to API and worker as configuration.</summary>
[Collection(StackCollection.Name)]
public sealed class ConfiguredProviderTests(Stack stack)
{
    [Fact]
    public async Task It_chats_streams_takes_saved_keys_and_falls_back_to_its_system_key()
    {
        TestWorkspace workspace = await stack.NewWorkspaceAsync();
        (_, JsonNode body) = await stack.SendAsync(workspace.Chat("""{"model":"acme/any/model","messages":[{"role":"user","content":"Hello"}]}"""));
        Assert.Equal(("acme/any/model", "system"), ((string)body["model"]!, (string)body["metadata"]!["attempts"]![0]!["credential_type"]!));

        string key = "sim-good-" + workspace.Id;
        Assert.Equal("valid", (string)(await workspace.SaveKeyAsync(key, "acme"))["status"]!);
        using (HttpResponseMessage scripted = await stack.Acme.PutAsync($"/_simulator/keys/{key}", new StringContent("""{"on":"chat","script":[{},{"as":"ratelimited"}]}""", System.Text.Encoding.UTF8, "application/json"), TestContext.Current.CancellationToken))
        {
            Assert.True(scripted.IsSuccessStatusCode);
        }

        string streamed = await (await stack.Api.SendAsync(workspace.Chat("""{"model":"acme/m","stream":true,"messages":[{"role":"user","content":"Hello"}]}"""), TestContext.Current.CancellationToken)).Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Contains("\"credential_type\":\"byok\"", streamed, StringComparison.Ordinal);
        Assert.EndsWith("data: [DONE]\n\n", streamed, StringComparison.Ordinal);

        (_, body) = await stack.SendAsync(workspace.Chat("""{"model":"acme/m","messages":[{"role":"user","content":"Hello"}]}"""));
        Assert.Equal(["byok", "system"], body["metadata"]!["attempts"]!.AsArray().Select(attempt => (string)attempt!["credential_type"]!));
    }
}
