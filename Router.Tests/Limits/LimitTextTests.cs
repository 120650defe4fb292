using System.Text.Json;
using CsCheck;
using Router.Api.Dialects;
using Router.Api.Endpoints;
using Router.Core.Keys;
using Router.Core.Limits;
using Router.Core.Telemetry;

namespace Router.Tests.Limits;

/// <summary>Limits as text: in headers, in refusals, in what an operator sends and what is stored.</summary>
public sealed class LimitTextTests
{
    [Theory]
    [InlineData(0, "0ms")]
    [InlineData(0.2, "1ms")]
    [InlineData(20, "20ms")]
    [InlineData(1000, "1s")]
    [InlineData(1500, "1.5s")]
    [InlineData(59_999.9, "1m0s")]
    [InlineData(360_000, "6m0s")]
    [InlineData(361_250, "6m1.25s")]
    [InlineData(3_661_000, "1h1m1s")]
    [InlineData(-5, "0ms")]
    public void A_reset_is_written_as_openai_writes_it(double milliseconds, string text) =>
        Assert.Equal(text, LimitHeaders.Duration(TimeSpan.FromMilliseconds(milliseconds)));

    [Fact]
    public void A_refusal_asks_for_a_second_at_least_and_never_for_less_than_the_reset() =>
        Gen.Long[0, TimeSpan.TicksPerMinute].Sample(ticks =>
        {
            var reset = TimeSpan.FromTicks(ticks);
            var error = LimitHeaders.Error(new(LimitTelemetry.Workspace, LimitTelemetry.Tokens, new(5, 0, reset)));
            return error is { Status: 429, Code: "rate_limit_exceeded", Type: "tokens" }
                && error.RetryAfter >= reset && error.RetryAfter >= TimeSpan.FromSeconds(1) && error.RetryAfter.Value.Ticks % TimeSpan.TicksPerSecond == 0;
        });

    [Theory]
    [InlineData("null", null, null)]
    [InlineData("{}", null, null)]
    [InlineData("""{"requests_per_second":null,"tokens_per_minute":0}""", null, 0L)]
    [InlineData("""{"requests_per_second":1000000,"tokens_per_minute":1000000000000}""", 1_000_000L, 1_000_000_000_000L)]
    public void Limits_are_read(string json, long? requests, long? tokens)
    {
        var (limits, problem) = Read(json);
        Assert.Null(problem);
        Assert.Equal(new LimitSettings(requests, tokens), limits);
    }

    [Theory]
    [InlineData("5")]
    [InlineData("[]")]
    [InlineData("""{"requests_per_second":-1}""")]
    [InlineData("""{"requests_per_second":1000001}""")]
    [InlineData("""{"requests_per_second":1.5}""")]
    [InlineData("""{"requests_per_second":"5"}""")]
    [InlineData("""{"requests_per_second":1e400}""")]
    [InlineData("""{"tokens_per_minute":9223372036854775808}""")]
    [InlineData("""{"requests_per_minute":5}""")]
    [InlineData("""{"requests_per_second":0,"requests_per_second":5}""")]
    public void Anything_else_is_refused_whole(string json)
    {
        var (limits, problem) = Read(json);
        Assert.Contains("requests_per_second", problem, StringComparison.Ordinal);
        Assert.Equal(LimitSettings.Default, limits);
    }

    [Fact]
    public void A_policys_limits_read_back_and_one_without_any_is_stored_as_before()
    {
        var policy = WorkspacePolicy.Default with { Limits = new(7, 0) };
        Assert.Equal(policy.Limits, WorkspacePolicyDocument.Parse(WorkspacePolicyDocument.From(policy).ToJson()).Limits);
        Assert.DoesNotContain("limits", WorkspacePolicyDocument.From(WorkspacePolicy.Default).ToJson(), StringComparison.Ordinal);
    }

    [Fact]
    public void Taking_limits_away_is_a_change_of_the_policy()
    {
        var (with, without) = (WorkspacePolicyDocument.From(WorkspacePolicy.Default with { Limits = new(7) }), WorkspacePolicyDocument.From(WorkspacePolicy.Default));
        Assert.Equal("""{"limits":{"from":{"requests_per_second":7,"tokens_per_minute":null},"to":null}}""", PolicyChanges.Between(with, without));
        Assert.Equal("{}", PolicyChanges.Between(with, with));
    }

    private static (LimitSettings Limits, string? Problem) Read(string json)
    {
        using var document = JsonDocument.Parse(json);
        return LimitsReader.Read(document.RootElement);
    }
}
