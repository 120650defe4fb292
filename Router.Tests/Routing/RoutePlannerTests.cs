using Router.Core.Failures;
using Router.Core.Keys;
using Router.Core.Routing;

namespace Router.Tests.Routing;

public sealed class RoutePlannerTests
{
    private readonly PlanningTable _table = new();

    [Theory]
    [InlineData("openai/big", "", "", "openai/big")]
    [InlineData("OpenAI/never-heard/of", "", "", "openai/never-heard/of")]
    [InlineData("openai/big", "groq/open openai/big open", "", "openai/big groq/open mistral/lab/open")]
    [InlineData("openai/big", "groq/open openai/small", "groq", "openai/big openai/small")]
    [InlineData("openai/big", "groq/open mistral/lab/open", "openai open", "")]
    [InlineData("openai/big", "groq/open", "openai/big", "groq/open")]
    [InlineData("open", "openai/old", "", "mistral/lab/open groq/open openai/old")]
    public void A_chain_is_tried_in_its_order_without_what_is_ignored(string model, string models, string ignore, string routes)
    {
        var options = new RouterOptions { Models = [.. Split(models)], Ignore = [.. Split(ignore)] };
        if (routes.Length > 0)
        {
            Assert.Equal(routes, _table.Routes(model, options));
            return;
        }

        Assert.Equal((400, "ignore"), Assert.Throws<RouterException>(() => _table.Plan(model, options)).Error is var error ? (error.Status, error.Param) : default);
    }

    [Theory]
    [InlineData("", "", "", "mistral/lab/open groq/open")]
    [InlineData("latency", "", "", "groq/open mistral/lab/open")]
    [InlineData("price", "", "", "mistral/lab/open groq/open")]
    [InlineData("price", "groq", "", "groq/open mistral/lab/open")]
    [InlineData("", "", "groq", "groq/open")]
    public void The_providers_of_a_bare_name_are_ranked_by_preference_then_as_asked(string sort, string order, string only, string routes)
    {
        if (sort == "latency")
        {
            _table.Measure("groq/open", 10);
            Assert.Equal(routes, _table.Routes("open"));
        }

        Assert.Equal(routes, _table.Routes("open", new RouterOptions
        {
            Sort = [.. Split(sort).Select(name => SortCriteria.Parse(name)!.Value)],
            ProviderOrder = [.. Split(order)],
            ProviderOnly = [.. Split(only)],
        }));
    }

    [Fact]
    public void A_bare_name_without_fallbacks_takes_the_first_provider_that_has_a_key()
    {
        var table = new PlanningTable(keys: "groq");
        Assert.Equal("groq/open", table.Routes("open", new RouterOptions { AllowFallbacks = false }));
        Assert.Contains(table.Excluded, exclusion => exclusion is { Provider.Slug: "mistral", Reason: ExclusionReason.NoKey });
        Assert.Equal("mistral/lab/open", _table.Routes("open", new RouterOptions { AllowFallbacks = false }));
        Assert.Contains(_table.Excluded, exclusion => exclusion is { Provider.Slug: "groq", Reason: ExclusionReason.FallbacksOff });
    }

    [Fact]
    public void The_own_key_comes_before_the_system_key_and_a_key_in_the_request_before_a_saved_one()
    {
        _table.Save("openai");
        Assert.Equal(["saved", "system"], Sources(RouterOptions.None));
        Assert.Equal(["runtime", "system"], Sources(Runtime(fallback: true)));
        Assert.Equal(["runtime"], Sources(Runtime(fallback: false)));
        Assert.Equal(["saved"], Sources(new RouterOptions { ByokOnly = true }));
        Assert.Contains(_table.Excluded, exclusion => exclusion is { SystemKeyOnly: true, Reason: ExclusionReason.ByokOnly });
    }

    [Fact]
    public void A_request_cannot_loosen_a_policy_of_own_keys_only()
    {
        _table.Workspace = _table.Workspace with { Policy = WorkspacePolicy.Default with { ByokOnly = true } };
        Assert.Empty(_table.Plan("openai/big").Entries);
        Assert.Equal(["runtime"], Sources(Runtime(fallback: true)));
    }

    [Fact]
    public void A_provider_the_policy_does_not_allow_is_403_and_left_out_of_a_chain()
    {
        _table.Workspace = _table.Workspace with { Policy = WorkspacePolicy.Default with { AllowedProviders = ["groq"] } };
        Assert.Equal(403, Assert.Throws<RouterException>(() => _table.Plan("openai/big")).Error.Status);
        Assert.Equal("groq/open", _table.Routes("openai/big", new RouterOptions { Models = ["open"] }));
        Assert.Contains(_table.Excluded, exclusion => exclusion is { Model: "big", Reason: ExclusionReason.Policy });
    }

    [Fact]
    public void A_route_in_a_chain_keeps_its_place_though_its_key_is_of_no_use_now()
    {
        _table.Break("openai");
        AttemptPlan plan = _table.Plan("openai/big", new RouterOptions { Models = ["groq/open"] });
        Assert.Equal([("openai/big", false), ("groq/open", true)], plan.Entries.Select(entry => (entry.QualifiedModel, entry.Health.Usable)));
        Assert.Contains("groq/open is tried first", plan.Reasoning, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("openai/", 400, "model")]
    [InlineData("/x", 404, "model")]
    [InlineData("openai", 400, "model")]
    [InlineData("opn", 404, "model")]
    public void A_name_that_means_nothing_is_told(string model, int status, string member)
    {
        RouterError error = Assert.Throws<RouterException>(() => _table.Plan(model)).Error;
        Assert.Equal((status, member), (error.Status, error.Param));
    }

    [Fact]
    public void Planning_a_model_asked_for_by_name_looks_through_no_list()
    {
        var input = new PlanInput("openai/big", RouterOptions.None, _table.Workspace);
        RoutePlanner.Plan(input, _table.Knowledge);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            RoutePlanner.Plan(input, _table.Knowledge);
        }

        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / 100, 0, 2_000);
    }

    private IEnumerable<string> Sources(RouterOptions options) => _table.Plan("openai/big", options).Entries.Select(entry => entry.Credential.Source);

    private static RouterOptions Runtime(bool fallback) => new()
    {
        Credentials = System.Collections.Frozen.FrozenDictionary.ToFrozenDictionary([KeyValuePair.Create("openai", new RuntimeCredential(new Secret("mine"), "print", fallback))]),
    };

    private static string[] Split(string names) => names.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
