using Router.Core.Routing;

namespace Router.Tests.Routing;

public sealed class PlanMemoTests
{
    private readonly PlanningTable _table = new();
    private readonly PlanMemo _memo;

    public PlanMemoTests() => _memo = new(_table.Health);

    [Fact]
    public void A_plan_of_a_plain_request_is_found_again_for_its_workspace_and_model_alone()
    {
        AttemptPlan plan = Keep("openai/big");
        Assert.Same(plan, Find("openai/big"));
        Assert.Null(Find("openai/small"));
        Assert.Null(Find("openai/big", new RouterOptions { ByokOnly = true }));
        _table.Save("openai");
        Assert.Null(Find("openai/big"));
    }

    [Fact]
    public void It_holds_only_while_every_key_of_it_is_of_use()
    {
        AttemptPlan plan = Keep("openai/big");
        _table.Break("openai");
        Assert.Null(Find("openai/big"));
        _table.Health.Known.Clear();
        Assert.Same(plan, Find("openai/big"));
    }

    [Fact]
    public void One_made_while_a_key_was_of_no_use_is_not_kept()
    {
        _table.Break("openai");
        Keep("openai/big");
        _table.Health.Known.Clear();
        Assert.Null(Find("openai/big"));
    }

    [Theory]
    [InlineData("open")]
    [InlineData("auto")]
    public void Nothing_is_kept_where_there_is_something_to_choose(string model)
    {
        Keep(model);
        Assert.Null(Find(model));
    }

    [Fact]
    public void Names_that_callers_make_up_do_not_fill_it()
    {
        for (int i = 0; i < 1_000; i++)
        {
            Keep($"openai/made-up-{i}");
        }

        Assert.InRange(Enumerable.Range(0, 1_000).Count(i => Find($"openai/made-up-{i}") is not null), 1, 256);
    }

    private AttemptPlan Keep(string model)
    {
        AttemptPlan plan = _table.Plan(model);
        _memo.Keep(_table.Workspace, model, RouterOptions.None, plan);
        return plan;
    }

    private AttemptPlan? Find(string model, RouterOptions? options = null) => _memo.Find(_table.Workspace, model, options ?? RouterOptions.None);
}
