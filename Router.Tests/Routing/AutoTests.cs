using Router.Core.Catalog;
using Router.Core.Failures;
using Router.Core.Keys;
using Router.Core.Routing;

namespace Router.Tests.Routing;

public sealed class AutoTests
{
    private readonly PlanningTable _table = new();

    [Theory]
    [InlineData("", "openai/small mistral/lab/open groq/open openai/big mistral/unpriced")]
    [InlineData("openai", "openai/small openai/big")]
    [InlineData("OpenAI mistral", "openai/small mistral/lab/open openai/big mistral/unpriced")]
    [InlineData("open", "mistral/lab/open groq/open")]
    [InlineData("openai/big groq", "groq/open openai/big")]
    [InlineData("openai/old openai", "openai/old openai/small openai/big")]
    [InlineData("mistral/guard openai/small", "openai/small mistral/guard")]
    [InlineData("OPENAI/BIG openai/big openai", "openai/small openai/big")]
    [InlineData("groq/unlisted openai/big", "openai/big groq/unlisted")]
    public void The_pool_is_what_the_entries_name_cheapest_first(string pool, string routes) =>
        Assert.Equal(routes, _table.Routes("auto", new RouterOptions { Models = [.. pool.Split(' ', StringSplitOptions.RemoveEmptyEntries)] }));

    [Theory]
    [InlineData("openai", "mistral/lab/open groq/open mistral/unpriced")]
    [InlineData("open", "openai/small openai/big mistral/unpriced")]
    [InlineData("mistral/lab/open OPENAI/small", "groq/open openai/big mistral/unpriced")]
    public void What_is_ignored_is_not_in_it(string ignore, string routes) =>
        Assert.Equal(routes, _table.Routes("auto", new RouterOptions { Ignore = [.. ignore.Split(' ')] }));

    [Theory]
    [InlineData(ModelFeatures.Tools, 0, "openai/small openai/big")]
    [InlineData(ModelFeatures.Images, 0, "openai/big")]
    [InlineData(ModelFeatures.ResponseSchema, 0, "openai/big")]
    [InlineData(ModelFeatures.None, 7_000, "mistral/lab/open groq/open openai/big mistral/unpriced")]
    public void Only_models_that_can_do_what_the_request_needs_are_chosen(ModelFeatures features, long bytes, string routes) =>
        Assert.Equal(routes, _table.Routes("auto", null, new RequestNeeds(ModelFeatures.Text | features, bytes)));

    [Theory]
    [InlineData("price", "openai/small mistral/lab/open groq/open openai/big mistral/unpriced")]
    [InlineData("math", "openai/big openai/small mistral/lab/open mistral/unpriced groq/open")]
    [InlineData("coding price", "openai/small mistral/lab/open groq/open openai/big mistral/unpriced")]
    [InlineData("intelligence math", "openai/big openai/small mistral/lab/open mistral/unpriced groq/open")]
    [InlineData("latency", "groq/open openai/big openai/small mistral/lab/open mistral/unpriced")]
    [InlineData("throughput price", "openai/big groq/open openai/small mistral/lab/open mistral/unpriced")]
    [InlineData("", "groq/open openai/big openai/small mistral/lab/open mistral/unpriced")]
    public void The_first_criterion_ranks_and_what_is_not_known_comes_last(string sort, string routes)
    {
        _table.Measure("openai/big", 500, 80);
        _table.Measure("groq/open", 100, 20);
        Assert.Equal(routes, _table.Routes("auto", new RouterOptions { Sort = [.. sort.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(name => SortCriteria.Parse(name)!.Value)] }));
    }

    [Fact]
    public void Criteria_named_over_and_over_count_once() =>
        Assert.Equal(
            _table.Routes("auto", new RouterOptions { Sort = [SortCriterion.Math, SortCriterion.Price] }),
            _table.Routes("auto", new RouterOptions { Sort = [.. Enumerable.Repeat(SortCriterion.Math, 20), SortCriterion.Price] }));

    [Fact]
    public void The_operators_scores_stand_over_the_catalogs_and_hold_for_models_it_does_not_list()
    {
        var table = new PlanningTable(settings: [("Router:Scores:mistral/lab/open:math", "7"), ("Router:Scores:big:math", "0.5"), ("Router:Scores:groq/new:math", "6.5")]);
        Assert.Equal(
            "mistral/lab/open groq/new openai/small openai/big",
            table.Routes("auto", new RouterOptions { Models = ["openai", "mistral/lab/open", "groq/new"], Sort = [SortCriterion.Math] }));
    }

    [Theory]
    [InlineData("Router:Scores:openai/big:math", "much")]
    [InlineData("Router:Scores:openai/big:beauty", "1")]
    public void A_score_that_is_none_is_refused_at_the_start(string key, string value) =>
        Assert.Contains(key, Assert.Throws<InvalidOperationException>(() => new PlanningTable(settings: [(key, value)])).Message, StringComparison.Ordinal);

    [Fact]
    public void Preferred_providers_come_before_any_criterion_and_only_those_named_serve()
    {
        Assert.StartsWith("groq/open openai/small openai/big mistral", _table.Routes("auto", new RouterOptions { ProviderOrder = ["groq", "openai"] }), StringComparison.Ordinal);
        Assert.Equal("groq/open", _table.Routes("auto", new RouterOptions { ProviderOnly = ["groq"], Models = ["openai/small", "open"] }));
    }

    [Fact]
    public void A_route_whose_keys_are_all_of_no_use_stands_behind_the_others_and_is_still_listed()
    {
        _table.Break("openai");
        Assert.Equal("mistral/lab/open groq/open mistral/unpriced openai/small openai/big", _table.Routes("auto"));
        _table.Save("openai");
        Assert.StartsWith("openai/small", _table.Routes("auto"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_route_that_fails_most_of_the_time_stands_behind_those_that_do_not()
    {
        _table.Measure("openai/small", 10, failing: true);
        Assert.EndsWith("mistral/unpriced openai/small", _table.Routes("auto"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_that_may_not_be_followed_by_the_system_key_makes_the_route_of_no_use()
    {
        _table.Save("openai", key: null);
        Assert.StartsWith("openai/small", _table.Routes("auto"), StringComparison.Ordinal);
        _table.Workspace = _table.Workspace with { Policy = WorkspacePolicy.Default with { CrossToSystem = [] } };
        Assert.StartsWith("mistral/lab/open groq/open", _table.Routes("auto"), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_fallbacks_the_first_route_stands_alone_with_all_its_keys()
    {
        _table.Save("openai");
        AttemptPlan plan = _table.Plan("auto", new RouterOptions { AllowFallbacks = false });
        Assert.Equal([("openai/small", CredentialType.Byok), ("openai/small", CredentialType.System)], plan.Entries.Select(entry => (entry.QualifiedModel, entry.Credential.Type)));
    }

    [Fact]
    public void Under_byok_only_it_chooses_among_providers_with_a_key_of_ones_own()
    {
        _table.Save("groq");
        Assert.Equal("groq/open", _table.Routes("auto", new RouterOptions { ByokOnly = true }));
        Assert.Contains(_table.Excluded, exclusion => exclusion is { Provider.Slug: "openai", Reason: ExclusionReason.ByokOnly, SystemKeyOnly: false });
    }

    [Fact]
    public void Nothing_left_to_choose_from_is_said_with_the_reasons()
    {
        RouterError none = Assert.Throws<RouterException>(() => _table.Plan("auto", new RouterOptions { Models = ["openai"], Ignore = ["openai"] })).Error;
        Assert.Equal((400, "models"), (none.Status, none.Param));
        Assert.Contains("Of 4 in the pool: 4: named in 'ignore'", none.Message, StringComparison.Ordinal);

        RouterError unsuitable = Assert.Throws<RouterException>(() => _table.Plan("auto", null, new RequestNeeds(ModelFeatures.Audio, 0))).Error;
        Assert.Equal((400, "model"), (unsuitable.Status, unsuitable.Param));
        Assert.Contains("does not take what the request needs", unsuitable.Message, StringComparison.Ordinal);

        _table.Workspace = _table.Workspace with { Policy = WorkspacePolicy.Default with { AllowedProviders = ["xai"] } };
        Assert.Equal(403, Assert.Throws<RouterException>(() => _table.Plan("auto")).Error.Status);
    }

    [Theory]
    [InlineData("auto", 400)]
    [InlineData("nobody/x", 404)]
    [InlineData("nothing", 404)]
    [InlineData("xai", 400)]
    public void An_entry_that_names_nothing_is_told(string entry, int status)
    {
        RouterError error = Assert.Throws<RouterException>(() => _table.Plan("auto", new RouterOptions { Models = [entry] })).Error;
        Assert.Equal((status, "models"), (error.Status, error.Param));
    }

    [Fact]
    public void With_no_key_at_all_the_plan_is_empty_and_says_why()
    {
        var table = new PlanningTable(keys: "");
        AttemptPlan plan = table.Plan("auto");
        Assert.Empty(plan.Entries);
        Assert.Contains("no key for its provider", plan.Reasoning, StringComparison.Ordinal);
        Assert.Contains(table.Excluded, exclusion => exclusion is { Model: "small", Reason: ExclusionReason.NoKey });
    }

    [Fact]
    public void The_reasoning_says_how_many_were_ranked_by_what_and_whose_key_is_first()
    {
        Assert.Equal(
            "Of 8 models in the pool 5 may serve, ranked by provider.order, then coding; groq/open is tried first with the system key, as the workspace has no usable key for this provider.",
            _table.Plan("auto", new RouterOptions { ProviderOrder = ["groq"], Sort = [SortCriterion.Coding] }).Reasoning);
    }

    [Fact]
    public void One_turn_in_many_tries_a_route_that_was_not_measured_and_costs_little_more()
    {
        _table.Measure("mistral/lab/open", 100);
        Assert.StartsWith("mistral/lab/open openai/small groq/open", _table.Routes("auto"), StringComparison.Ordinal);
        Assert.StartsWith("openai/small mistral/lab/open", _table.Routes("auto", explore: 0), StringComparison.Ordinal);
        Assert.StartsWith("groq/open mistral/lab/open", _table.Routes("auto", explore: 1), StringComparison.Ordinal);
        Assert.StartsWith("openai/small mistral/lab/open", _table.Routes("auto", explore: 2), StringComparison.Ordinal);
        Assert.Contains("with groq/open first to be measured", _table.Plan("auto", explore: 1).Reasoning, StringComparison.Ordinal);
    }

    [Fact]
    public void No_turn_overrules_a_preference_another_criterion_or_a_single_route()
    {
        _table.Measure("openai/small", 100);
        foreach (RouterOptions options in (RouterOptions[])[new() { ProviderOrder = ["openai"] }, new() { Sort = [SortCriterion.Price] }, new() { AllowFallbacks = false }])
        {
            Assert.StartsWith("openai/small", _table.Routes("auto", options, explore: 1), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Every_request_in_so_many_has_a_turn()
    {
        var exploration = new Exploration(3);
        Assert.Equal([null, null, 1, null, null, 2], Enumerable.Range(0, 6).Select(_ => exploration.Next()));
        Assert.Null(new Exploration(0).Next());
    }
}
