using System.Net;
using System.Text;
using System.Text.Json;
using Router.Api.Dialects.OpenAI;
using Router.Core.Failures;
using Router.Core.Wire;
using Router.Tests.Attacks.Linear;
using Router.Tests.Support;

namespace Router.Tests.Fuzz;

/// <summary>Requests into every dialect, and answers out of it: whatever comes, it is carried or ends in an error that is documented.</summary>
public sealed class ChatFuzzTests(Pipeline pipeline) : IClassFixture<Pipeline>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string> Models() => ["openai/gpt-4o", "mistral/mistral-large-latest", "anthropic/claude-haiku-5-5", "google-ai-studio/gemini-2.5-flash", "google-vertex/claude-haiku-4-5@20251001"];

    [Theory]
    [MemberData(nameof(Models))]
    public Task A_request_is_carried_as_json_or_refused_as_the_callers(string model) => FuzzRun.OverAsync([.. Bodies.All.Keys.Select(kind => Bodies.Of(model, kind, 3))], async (input, _) =>
    {
        string? sent = null;
        var router = new ScriptedRouter(pipeline, (request, _) =>
        {
            if (!request.RequestUri!.AbsolutePath.EndsWith("/token", StringComparison.Ordinal))
            {
                sent = request.Content!.ReadAsStringAsync(Cancel).GetAwaiter().GetResult();
            }

            return ScriptedRouter.GoodFor(request);
        });
        try
        {
            ChatRequest request = ((ChatRequestReader)pipeline.Services.GetService(typeof(ChatRequestReader))!).Read(input, Pipeline.Workspace(null));
            await router.AskAsync(request, Cancel, TimeSpan.FromTicks(1));
        }
        catch (RouterException refused) when (refused.Error.Status is >= 400 and < 500)
        {
            return null;
        }

        if (sent is not null)
        {
            using JsonDocument valid = JsonDocument.Parse(sent, JsonDepth.Document);
        }

        return null;
    });

    [Fact]
    public Task An_answer_is_passed_on_or_a_failure() => FuzzRun.OverAsync([.. Answers.All.Values.Select(answer => Encoding.UTF8.GetBytes(answer.Text(3)))], async (input, random) =>
    {
        (string model, bool stream, Func<int, string> _) = Answers.All.Values.ElementAt(random.Next(Answers.All.Count));
        HttpStatusCode status = (HttpStatusCode)(random.Next(3) == 0 ? new[] { 400, 401, 403, 404, 429, 500, 529 }[random.Next(7)] : 200);
        var router = new ScriptedRouter(pipeline, (_, _) => new HttpResponseMessage(status)
        {
            Content = new ByteArrayContent(input) { Headers = { ContentType = new(stream && status == HttpStatusCode.OK ? "text/event-stream" : "application/json") } },
        });
        ChatRequest request = pipeline.Request($$"""{"model":"{{model}}","stream":{{(stream ? "true" : "false")}},"fallback":{"max_attempts":1},"messages":[{"role":"user","content":"Hi"}]}""");
        try
        {
            await router.AskAsync(request, Cancel, TimeSpan.FromTicks(1));
        }
        catch (RouterException failed) when (failed.Error.Status is >= 400 and < 600)
        {
            return null;
        }
        catch (ProviderException cut) when (stream && Enum.IsDefined(cut.Failure))
        {
            // After the stream had begun: its error event is made of this.
            return null;
        }

        return request.Options.Request.Attempts[^1].Success ? null : "served by an attempt that failed";
    });
}
