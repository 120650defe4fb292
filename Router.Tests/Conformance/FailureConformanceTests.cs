using System.Net;
using System.Text.Json.Nodes;
using Router.Tests.EndToEnd;

namespace Router.Tests.Conformance;

/// <summary>How every dialect must fail.</summary>
[Collection(StackCollection.Name)]
public sealed class FailureConformanceTests(Stack stack)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static IEnumerable<TheoryDataRow<Capability, bool, string, string, int, string>> Classes =>
        from row in Capability.All
        from stream in (bool[])[false, true]
        from failure in ((string Word, string Class, int Status, string Code)[])
        [
            ("sim-invalid", "credential", 424, "provider_credential_invalid"),
            ("sim-expired", "credential", 424, "provider_credential_invalid"),
            ("sim-nocredit", "quota", 424, "provider_credential_quota"),
            ("sim-ratelimited-50", "rate_limit", 429, "all_attempts_rate_limited"),
            ("sim-noaccess", "model_access", 404, "model_not_found"),
            ("sim-region", "region_blocked", 403, "permission_denied"),
        ]
        where row.Data.Region || failure.Word != "sim-region"
        select new TheoryDataRow<Capability, bool, string, string, int, string>(row.Data, stream, failure.Word, failure.Class, failure.Status, failure.Code);

    [Theory]
    [MemberData(nameof(Classes))]
    public async Task Every_failure_has_its_class_and_its_error(Capability capability, bool stream, string word, string failure, int status, string code)
    {
        // A word of its own per case: health remembers.
        Reply reply = await new Conversation(stack, capability, stream).AskAsync("Hello", Key(word, capability, stream));
        Assert.Equal((status, code), ((int)reply.Status, (string)reply.Error!["code"]!));
        Assert.Equal("byok:" + failure, reply.Attempts);
    }

    [Theory]
    [MemberData(nameof(ConformanceTests.Cases), MemberType = typeof(ConformanceTests))]
    public async Task A_dead_own_key_hands_over_to_the_system_key(Capability capability, bool stream)
    {
        Reply reply = await new Conversation(stack, capability, stream).AskAsync("Hello", Key("sim-revoked-handover", capability, stream), fallback: true);
        Assert.Equal((HttpStatusCode.OK, "byok:credential system:ok"), (reply.Status, reply.Attempts));
    }

    [Theory]
    [MemberData(nameof(ConformanceTests.Cases), MemberType = typeof(ConformanceTests))]
    public async Task A_provider_that_is_down_is_tried_once_more_and_then_reported(Capability capability, bool stream)
    {
        Reply reply = await new Conversation(stack, capability, stream).AskAsync("Hello", members: Simulate("""{"status":503}"""));
        Assert.Equal((HttpStatusCode.BadGateway, "byok:transient byok:transient"), (reply.Status, reply.Attempts));
    }

    [Theory]
    [MemberData(nameof(ConformanceTests.Cases), MemberType = typeof(ConformanceTests))]
    public async Task A_fault_of_the_caller_keeps_its_status(Capability capability, bool stream)
    {
        Reply reply = await new Conversation(stack, capability, stream).AskAsync("Hello", members: Simulate("""{"status":422}"""));
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "byok:caller_fault"), (reply.Status, reply.Attempts));
        Assert.NotEmpty((string)reply.Error!["message"]!);
    }

    [Theory]
    [MemberData(nameof(ConformanceTests.Cases), MemberType = typeof(ConformanceTests))]
    public async Task A_cut_answer_is_never_a_finished_one(Capability capability, bool stream)
    {
        Reply reply = await new Conversation(stack, capability, stream).AskAsync("Hello there my friend", members: Simulate("""{"cutMidChunk":true,"afterChunks":2}"""));
        Assert.Equal(stream ? HttpStatusCode.OK : HttpStatusCode.BadGateway, reply.Status);
        Assert.Equal("all_attempts_failed", (string)reply.Error!["code"]!);
        Assert.False(stream && reply.Done);
        Assert.Null(reply.Finish);
    }

    [Theory]
    [MemberData(nameof(Capability.All), MemberType = typeof(Capability))]
    public async Task An_error_event_fails_over_before_content_and_ends_the_stream_after_it(Capability capability)
    {
        var talk = new Conversation(stack, capability, stream: true);
        Reply before = await talk.AskAsync("Hello there my friend", members: Simulate("""{"errorEvent":true}"""));
        Assert.Equal((HttpStatusCode.BadGateway, "byok:transient byok:transient"), (before.Status, before.Attempts));
        Reply after = await talk.AskAsync("Hello there my friend", members: Simulate("""{"errorEvent":true,"errorAfterChunks":2}"""));
        Assert.Equal((HttpStatusCode.OK, "byok:transient", false), (after.Status, after.Attempts, after.Done));
        Assert.NotEmpty(after.Text);
    }

    [Theory]
    [MemberData(nameof(Capability.All), MemberType = typeof(Capability))]
    public async Task A_malformed_line_costs_that_line_only(Capability capability)
    {
        Reply reply = await new Conversation(stack, capability, stream: true).AskAsync("Hello there", members: Simulate("""{"malformedLine":true}"""));
        Assert.Equal((HttpStatusCode.OK, "stop", true), (reply.Status, reply.Finish, reply.Done));
        Assert.Contains("malformed", reply.Metadata!["warnings"]!.ToJsonString(), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(ConformanceTests.Cases), MemberType = typeof(ConformanceTests))]
    public async Task A_caller_that_leaves_stops_the_provider(Capability capability, bool stream)
    {
        string key = Key("sim-good-leaves", capability, stream);
        var talk = new Conversation(stack, capability, stream);
        await talk.ScriptAsync(key, Simulate(stream ? """{"chunks":2000,"delayBetweenChunksMs":10}""" : """{"delayBeforeHeadersMs":60000}"""));
        JsonObject body = talk.Body([new JsonObject { ["role"] = "user", ["content"] = "Hi" }], key, null, false);
        using var client = new HttpClient(new SocketsHttpHandler { MaxResponseDrainSize = 0 }) { BaseAddress = stack.Api.BaseAddress };
        using var leave = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        leave.CancelAfter(TimeSpan.FromMilliseconds(600));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            using HttpResponseMessage response = await client.SendAsync(stack.Chat(body.ToJsonString()), HttpCompletionOption.ResponseHeadersRead, leave.Token);
            await response.Content.ReadAsStringAsync(leave.Token);
        });
        for (int i = 0; i < 40; i++)
        {
            if ((await stack.JournalAsync(capability.KeyName(key))).Any(entry => (string)entry!["provider"]! == capability.Provider && (bool)entry["clientGone"]!))
            {
                return;
            }

            await Task.Delay(50, Cancel);
        }

        Assert.Fail("The provider was still at work two seconds after the caller left.");
    }

    [Theory]
    [MemberData(nameof(Capability.All), MemberType = typeof(Capability))]
    public async Task A_key_is_proven_when_it_is_saved(Capability capability)
    {
        TestWorkspace workspace = await stack.NewWorkspaceAsync();
        JsonNode body = capability.Credentials("sim-good-" + workspace.Id)[capability.Provider]!;
        body.AsObject().Remove("fallback_to_inworld");
        JsonNode saved = await stack.AdminAsync(HttpMethod.Put, $"/api/workspaces/{workspace.Id}/provider-keys/{capability.Provider}", body);
        Assert.Equal("valid", (string)saved["status"]!);

        foreach (string word in (string[])["sim-invalid", "sim-expired", "sim-revoked"])
        {
            JsonNode bad = capability.Credentials(word)[capability.Provider]!;
            bad.AsObject().Remove("fallback_to_inworld");
            using var request = new HttpRequestMessage(HttpMethod.Put, $"/api/workspaces/{workspace.Id}/provider-keys/{capability.Provider}") { Content = new StringContent(bad.ToJsonString(), System.Text.Encoding.UTF8, "application/json") };
            request.Headers.Authorization = new("Bearer", stack.AdminKey);
            using HttpResponseMessage response = await stack.Api.SendAsync(request, Cancel);
            Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
        }

        using HttpResponseMessage answer = await stack.Api.SendAsync(workspace.Chat($$"""{"model":"{{capability.QualifiedModel}}","messages":[{"role":"user","content":"Hi"}]}"""), Cancel);
        JsonNode served = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancel))!;
        Assert.Equal("byok", (string)served["metadata"]!["attempts"]![0]!["credential_type"]!);
        Assert.True((bool)served["metadata"]!["attempts"]![0]!["success"]!);
    }

    private static JsonObject Simulate(string script) => new() { ["simulate"] = JsonNode.Parse(script) };

    /// <summary>The simulator reads the word at the end of some kinds, so what makes a key unique stands before it.</summary>
    private static string Key(string word, Capability capability, bool stream) => $"{capability.Provider}{(stream ? "s" : "j")}-{word}";
}
