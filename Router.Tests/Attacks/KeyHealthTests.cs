using System.Collections.Frozen;
using System.IO.Pipelines;
using System.Net;
using System.Text;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;
using Router.Api.Dialects.OpenAI;
using Router.Core.Failures;
using Router.Core.Health;
using Router.Core.Keys;
using Router.Tests.Support;

namespace Router.Tests.Attacks;

/// <summary>A dead or cooling key stays so, whatever ends well that began before; and what one workspace reports pushes out nobody's.</summary>
public sealed class KeyHealthTests(Pipeline pipeline) : IClassFixture<Pipeline>
{
    private static readonly Guid Id = Guid.Parse("44444444-4444-4444-4444-444444444444");

    private readonly FakeTimeProvider _time = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(429, """{"error":{"message":"slow down","type":"rate_limit_error","code":"rate_limit_exceeded"}}""", false)]
    [InlineData(429, """{"error":{"message":"no credit","type":"insufficient_quota","code":"insufficient_quota"}}""", false)]
    [InlineData(401, """{"error":{"message":"revoked","type":"invalid_request_error","code":"invalid_api_key"}}""", false)]
    [InlineData(401, """{"error":{"message":"revoked","type":"invalid_request_error","code":"invalid_api_key"}}""", true)]
    public async Task A_stream_that_began_before_a_key_failed_does_not_bring_it_back(int status, string body, bool saved)
    {
        var health = new CredentialHealth(new Stored(saved ? CredentialStatus.Valid : null), _time, new HealthOutbox());
        var pipe = new Pipe();
        ScriptedRouter router = new(pipeline, (_, call) =>
        {
            if (call > 1)
            {
                return ScriptedRouter.Json(body, (HttpStatusCode)status, 60);
            }

            var long_ = new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(pipe.Reader.AsStream()) };
            long_.Content.Headers.ContentType = new("text/event-stream");
            return long_;
        }, time: _time, health: health);
        Workspace workspace = Of(saved);
        const string Ask = """{"model":"openai/gpt-4o","stream":true,"byok_only":BYOK,"messages":[{"role":"user","content":"Hi"}]}""";
        string ask = Ask.Replace("BYOK", saved ? "true" : "false", StringComparison.Ordinal);
        string credential = "";
        await router.RunAsync(async client =>
        {
            ChatRequest first = pipeline.Request(ask, workspace);
            await pipe.Writer.WriteAsync("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"},\"finish_reason\":null}]}\n\n"u8.ToArray(), Cancel);
            await using IAsyncEnumerator<ChatResponseUpdate> updates = client.GetStreamingResponseAsync(first.Messages, first.Options, Cancel).GetAsyncEnumerator(Cancel);
            Assert.True(await updates.MoveNextAsync());
            credential = first.Options.Request.Attempts[^1].Entry.Credential.Id;

            ChatRequest second = pipeline.Request(ask, workspace);
            await Assert.ThrowsAsync<RouterException>(async () =>
            {
                await foreach (ChatResponseUpdate _ in client.GetStreamingResponseAsync(second.Messages, second.Options, Cancel))
                {
                }
            });
            Assert.False(health.Check(credential, "gpt-4o").Usable);

            await pipe.Writer.WriteAsync("data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n"u8.ToArray(), Cancel);
            await pipe.Writer.CompleteAsync();
            while (await updates.MoveNextAsync())
            {
            }
        });
        Assert.False(health.Check(credential, "gpt-4o").Usable);
    }

    [Fact]
    public void What_one_workspace_reports_of_models_it_invents_pushes_no_others_news_out()
    {
        var outbox = new HealthOutbox();
        var health = new CredentialHealth(new Stored(CredentialStatus.Valid), _time, outbox);
        health.ReportFailure("system:openai:print", "gpt-4o", FailureClass.RateLimit, TimeSpan.FromMinutes(5), null);
        for (int i = 0; i < 5_000; i++)
        {
            health.ReportFailure($"key:{Id:N}:1", $"invented-{i}", FailureClass.RateLimit, TimeSpan.FromHours(20), null);
        }

        List<HealthChange> told = [];
        while (outbox.Changes.TryRead(out HealthChange? change))
        {
            told.Add(change);
        }

        Assert.Contains(told, change => change.CredentialId.StartsWith("system:", StringComparison.Ordinal));
    }

    [Fact]
    public void What_one_workspace_reports_of_models_it_invents_lets_no_catalog_model_of_a_shared_key_go()
    {
        var health = new CredentialHealth(new Stored(null), _time, new HealthOutbox());
        health.ReportFailure("system:openai:print", "gpt-4o", FailureClass.RateLimit, TimeSpan.FromMinutes(1), null);
        for (int i = 0; i < 1_200; i++)
        {
            health.ReportFailure("system:openai:print", $"invented-{i}", FailureClass.RateLimit, TimeSpan.FromMinutes(9), null);
        }

        Assert.False(health.Check("system:openai:print", "gpt-4o").Usable);
    }

    private static ProviderKey Key(CredentialStatus status) => new(Id, "default", "openai", 1, new Secret("sk-of-the-workspace-0123"), "", "print", status, null);

    private static Workspace Of(bool saved) =>
        new("default", "Default", WorkspacePolicy.Default, (saved ? new[] { Key(CredentialStatus.Valid) } : []).ToFrozenDictionary(key => key.Provider));

    private sealed class Stored(CredentialStatus? status) : ISnapshotSource
    {
        public Snapshot Current { get; } = new(
            FrozenDictionary<string, RouterKey>.Empty,
            (status is { } of ? new[] { new Workspace("default", "Default", WorkspacePolicy.Default, new[] { Key(of) }.ToFrozenDictionary(key => key.Provider)) } : []).ToFrozenDictionary(workspace => workspace.Id),
            1,
            DateTimeOffset.UnixEpoch);
    }
}
