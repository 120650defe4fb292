using Microsoft.Extensions.AI;
using Router.Core.Chat;
using Router.Core.Health;
using Router.Core.Keys;
using Router.Core.Routing;
using Router.Tests.Support;

namespace Router.Tests.Chat;

public sealed class AttemptCostsTests(Pipeline pipeline) : IClassFixture<Pipeline>
{
    private static readonly Credential Key = new("system:openai:x", CredentialType.System, "system", "x", new Secret("sim-good"));

    [Theory]
    [InlineData(-1, -1, -1)]
    [InlineData(long.MinValue, 5, 0)]
    [InlineData(long.MaxValue, long.MaxValue, long.MaxValue)]
    public void Counts_no_provider_can_have_meant_do_not_break_the_answer(long input, long cached, long output)
    {
        var usage = new UsageDetails { InputTokenCount = input, CachedInputTokenCount = cached, OutputTokenCount = output };
        AttemptCost cost = Of(new AttemptRecord(Entry()) { Sent = true }, usage);
        Assert.True(cost.ListPrice >= 0);
        Assert.True(cost.Tokens is { Input: >= 0, Cached: >= 0, Output: >= 0 });
    }

    [Fact]
    public void A_provider_that_names_a_book_for_its_model_has_a_name_kept()
    {
        var record = new AttemptRecord(Entry()) { ResponseModel = new string('m', 5_000_000) };
        Assert.Equal(RouterOptions.LongestName, record.ResponseModel.Length);
        record.ResponseModel = "gpt-4o";
        Assert.Equal("gpt-4o", record.ResponseModel);
        record.ResponseModel = null;
        Assert.Null(record.ResponseModel);
    }

    [Fact]
    public void Without_a_count_what_came_is_estimated_unless_the_provider_refused_or_was_not_asked()
    {
        var sent = new AttemptRecord(Entry()) { Sent = true, Characters = 12, TimeToFirstToken = TimeSpan.Zero };
        Assert.Equal((true, 100L, 3L), (Of(sent, null).Estimated, Of(sent, null).Tokens!.Value.Input, Of(sent, null).Tokens!.Value.Output));
        Assert.Null(Of(new AttemptRecord(Entry()) { Sent = true, Error = new(Core.Failures.FailureClass.Transient, 503, "no") }, null).Tokens);
        Assert.Null(Of(new AttemptRecord(Entry()), null).Tokens);
        // An error after content is no refusal: what came before it may be billed.
        sent.Error = new(Core.Failures.FailureClass.Transient, 529, "no");
        Assert.Equal(3, Of(sent, null).Tokens!.Value.Output);
    }

    private AttemptCost Of(AttemptRecord attempt, UsageDetails? usage)
    {
        var request = new RouteRequest { Workspace = Pipeline.Workspace(null), Model = "openai/gpt-4o" };
        (attempt.Usage, attempt.Success) = (usage, usage is not null);
        attempt.Tokens = AttemptTokens.Of(request, attempt, [new ChatMessage(ChatRole.User, new string('x', 400))], null);
        return new AttemptCosts(pipeline.Catalog).Of(request, attempt);
    }

    private PlanEntry Entry() => new(0, pipeline.Providers.All.Single(provider => provider.Slug == "openai"), "gpt-4o", Key, HealthVerdict.Good);
}
