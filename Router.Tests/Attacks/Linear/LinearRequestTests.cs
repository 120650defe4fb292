using System.Diagnostics;
using System.Net;
using System.Text;
using Router.Api.Dialects.OpenAI;
using Router.Core.Failures;
using Router.Core.Providers;
using Router.Tests.Support;

namespace Router.Tests.Attacks.Linear;

/// <summary>A request twice as long takes twice as long to read, to plan and to write in another dialect, whatever it is long of.</summary>
[Collection(nameof(LinearWork))]
public sealed class LinearRequestTests(Pipeline pipeline, ITestOutputHelper output) : IClassFixture<Pipeline>
{
    private static readonly string[] s_models =
    [
        "openai/gpt-4o", "openai/gpt-5.2", "mistral/mistral-large-latest", "groq/openai/gpt-oss-120b", "anthropic/claude-opus-4-5", "anthropic/claude-3-5-sonnet-20241022", "google-ai-studio/gemini-2.5-flash", "google-vertex/gemini-3-pro",
    ];

    public static TheoryData<string> Kinds() => [.. Bodies.All.Keys];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Takes_as_long_as_its_length(string kind)
    {
        int count = LinearWork.Count(few => Bodies.Of("m", kind, few).Length);
        List<string> wrong = [];
        foreach (string model in s_models)
        {
            if (await LinearWork.JudgeAsync(twice => Bodies.Of(model, kind, twice ? 2 * count : count), SendAsync) is var (said, fault))
            {
                output.WriteLine($"{model}: {said}");
                if (fault is not null)
                {
                    wrong.Add($"{model}: {fault}");
                }
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    /// <summary>How long it took until the provider had the request, or the caller its refusal.</summary>
    private async Task<TimeSpan> SendAsync(byte[] body)
    {
        var watch = new Stopwatch();
        TimeSpan? sent = null;
        var router = new ScriptedRouter(pipeline, (request, _) =>
        {
            sent ??= watch.Elapsed;
            return ScriptedRouter.GoodFor(request);
        });
        try
        {
            watch.Start();
            ChatRequest request = pipeline.Services.GetService(typeof(ChatRequestReader)) is ChatRequestReader reader ? reader.Read(body, Pipeline.Workspace(null)) : throw new InvalidOperationException();
            await router.AskAsync(request, TestContext.Current.CancellationToken);
        }
        catch (RouterException)
        {
            // A refusal is an answer as good as another here.
        }

        return sent ?? watch.Elapsed;
    }
}
