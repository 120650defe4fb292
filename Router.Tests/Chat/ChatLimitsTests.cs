using Microsoft.Extensions.Configuration;
using Router.Core.Chat;

namespace Router.Tests.Chat;

public sealed class ChatLimitsTests
{
    [Fact]
    public void Nothing_configured_is_the_documented_default()
    {
        ChatLimits limits = Read();
        Assert.Equal(ChatLimits.Default, limits);
        Assert.Equal((TimeSpan.FromSeconds(45), TimeSpan.FromSeconds(45), TimeSpan.FromSeconds(90), TimeSpan.FromMinutes(30)), (limits.Attempt.Header, limits.Attempt.FirstToken, limits.Attempt.Idle, limits.Attempt.Total));
        Assert.Equal((TimeSpan.FromSeconds(90), TimeSpan.FromMinutes(5), TimeSpan.FromSeconds(15)), (limits.Attempt.Answer!.Value, limits.Attempt.Thinking!.Value, limits.Attempt.Rescued!.Value));
        Assert.Equal((TimeSpan.FromMinutes(30), TimeSpan.FromSeconds(5), 16, 64L << 20), (limits.Deadline, limits.LongestWait, limits.MostAttempts, limits.Attempt.HeldBytes));
    }

    [Fact]
    public void Every_limit_can_be_set()
    {
        ChatLimits limits = Read(
            ("Router:Timeouts:Header", "00:00:01"), ("Router:Timeouts:FirstToken", "00:00:02"), ("Router:Timeouts:Idle", "00:00:03"), ("Router:Timeouts:Total", "00:00:04"), ("Router:Timeouts:FirstTokenWithFallback", "00:00:06"), ("Router:Timeouts:Answer", "00:00:07"), ("Router:Timeouts:Thinking", "00:00:08"),
            ("Router:Timeouts:Deadline", "00:00:05"), ("Router:Fallback:LongestWait", "00:00:00"), ("Router:Fallback:MostAttempts", "7"), ("Router:Fallback:HeldBytes", "8"));
        Assert.Equal(new AttemptLimits(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(4)) { HeldBytes = 8, Rescued = TimeSpan.FromSeconds(6), Answer = TimeSpan.FromSeconds(7), LongAnswer = null, Thinking = TimeSpan.FromSeconds(8) }, limits.Attempt);
        Assert.Equal((TimeSpan.FromSeconds(5), TimeSpan.Zero, 7), (limits.Deadline, limits.LongestWait, limits.MostAttempts));
    }

    [Fact]
    public void A_limit_the_operator_sets_holds_for_what_takes_longer_by_nature_too()
    {
        AttemptLimits limits = Read(("Router:Timeouts:Header", "00:00:20")).Attempt;
        Assert.Equal(TimeSpan.FromSeconds(20), limits.OfAnswer().Header);
        Assert.Equal((TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(45)), (limits.OfThinking().Header, limits.OfThinking().FirstToken));
    }

    [Theory]
    [InlineData(1_000, 90)]
    [InlineData(8_000, 225)]
    [InlineData(64_000, 300)]
    public void A_json_answer_that_may_be_long_has_the_time_its_tokens_take(int tokens, int seconds)
    {
        Assert.Equal(TimeSpan.FromSeconds(seconds), Read().Attempt.OfLongAnswer(tokens).Header);
        Assert.Equal(TimeSpan.FromSeconds(20), Read(("Router:Timeouts:Answer", "00:00:20")).Attempt.OfLongAnswer(tokens).Header);
        Assert.Equal(TimeSpan.FromSeconds(20), Read(("Router:Timeouts:Header", "00:00:20")).Attempt.OfLongAnswer(tokens).Header);
    }

    [Fact]
    public void A_json_answer_that_reasons_first_has_minutes()
    {
        Assert.Equal(TimeSpan.FromMinutes(5), Read().Attempt.OfThinkingAnswer().Header);
        Assert.Equal(TimeSpan.FromMinutes(8), Read(("Router:Timeouts:Thinking", "00:08:00")).Attempt.OfThinkingAnswer().Header);
        Assert.Equal(TimeSpan.FromMinutes(10), Read(("Router:Timeouts:Answer", "00:10:00")).Attempt.OfThinkingAnswer().Header);
    }

    [Theory]
    [InlineData("Router:Timeouts:Header", "00:00:00")]
    [InlineData("Router:Timeouts:Answer", "00:00:00")]
    [InlineData("Router:Timeouts:FirstTokenWithFallback", "15")]
    [InlineData("Router:Timeouts:Idle", "-00:00:01")]
    [InlineData("Router:Timeouts:Total", "30")]
    [InlineData("Router:Timeouts:Deadline", "soon")]
    [InlineData("Router:Fallback:LongestWait", "-00:00:01")]
    [InlineData("Router:Fallback:MostAttempts", "0")]
    [InlineData("Router:Fallback:MostAttempts", "3000000000")]
    [InlineData("Router:Fallback:HeldBytes", "-1")]
    public void What_cannot_be_a_limit_stops_the_start_and_is_named(string name, string value)
    {
        // A bare number is days to a time span: thirty of them are no limit.
        InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => Read((name, value)));
        Assert.Contains(name, error.Message, StringComparison.Ordinal);
    }

    private static ChatLimits Read(params (string Name, string Value)[] settings) =>
        ChatLimits.Read(new ConfigurationBuilder().AddInMemoryCollection(settings.Select(pair => KeyValuePair.Create(pair.Name, (string?)pair.Value))).Build());
}
