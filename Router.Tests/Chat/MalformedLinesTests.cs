using System.Text;
using Router.Tests.Dialects;

namespace Router.Tests.Chat;

/// <summary>Lines of a stream that are no JSON: a few are left out and counted, a thousand are no answer.</summary>
public sealed class MalformedLinesTests
{
    [Theory]
    [InlineData(1_000, true)]
    [InlineData(1_001, false)]
    public async Task A_stream_is_served_with_a_thousand_of_them_and_no_more(int lines, bool served)
    {
        await using AnsweringProvider provider = await AnsweringProvider.StartAsync();
        string broken = new StringBuilder().Insert(0, "data: {\n\n", lines).ToString();
        provider.Answer = ("text/event-stream", null, Encoding.UTF8.GetBytes(
            "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hello\"}}]}\n\n" + broken + "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n"));
        (_, string body) = await provider.AskAsync("openai/gpt-4o", stream: true);
        Assert.Equal(served, body.Contains("[DONE]", StringComparison.Ordinal));
        Assert.Equal(served, body.Contains("1000 malformed stream line", StringComparison.Ordinal));
        Assert.Equal(!served, body.Contains("more than 1000 lines that are no JSON", StringComparison.Ordinal));
    }
}
