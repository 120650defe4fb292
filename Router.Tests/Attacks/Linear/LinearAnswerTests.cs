using System.Diagnostics;
using System.Text;
using Router.Tests.Dialects;

namespace Router.Tests.Attacks.Linear;

/// <summary>An answer twice as long takes twice as long to read and to pass on, whatever it is long of: JSON and streams of every dialect, through the whole API.</summary>
[Collection(nameof(LinearWork))]
public sealed class LinearAnswerTests(ITestOutputHelper output)
{
    public static TheoryData<string> Kinds() => [.. Answers.All.Keys];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Takes_as_long_as_its_length(string kind)
    {
        (string model, bool stream, Func<int, string> text) = Answers.All[kind];
        await using AnsweringProvider provider = await AnsweringProvider.StartAsync();
        int count = LinearWork.Count(few => text(few).Length);
        (string said, string? fault) = await LinearWork.JudgeAsync(
            twice => Encoding.UTF8.GetBytes(text(twice ? 2 * count : count)),
            async answer =>
            {
                provider.Answer = (stream ? "text/event-stream" : "application/json", null, answer);
                var watch = Stopwatch.StartNew();
                await provider.AskAsync(model, stream);
                return watch.Elapsed;
            });
        output.WriteLine(said);
        Assert.True(fault is null, fault);
    }
}
