using System.Text;
using System.Text.Json;
using Router.Core.Failures;
using Router.Core.Routing.SavedRouters;

namespace Router.Tests.Routing.SavedRouters;

public sealed class RouterSelectorTests
{
    private const int Users = 20_000;

    private static readonly Guid Id = Guid.Parse("0199a000-0000-7000-8000-000000000001");

    [Theory]
    [InlineData(50, 50)]
    [InlineData(1, 99)]
    [InlineData(0, 100)]
    [InlineData(10, 20, 30, 40)]
    public void Users_and_anonymous_requests_share_the_variants_by_weight(params int[] weights)
    {
        RouterEntry entry = Entry(Definitions.Weighted("a", weights));
        var random = new Random(1);
        int[] byUser = new int[weights.Length];
        int[] byChance = new int[weights.Length];
        for (int i = 0; i < Users; i++)
        {
            byUser[Position(Select(entry, $"user-{i}"))]++;
            byChance[Position(Select(entry, null, random))]++;
        }

        for (int i = 0; i < weights.Length; i++)
        {
            // Five standard deviations: a fair split fails once in a million runs, and these draws never change.
            double expected = Users * weights[i] / 100.0;
            double tolerance = 5 * Math.Sqrt(Users * (weights[i] / 100.0) * (1 - (weights[i] / 100.0)));
            Assert.InRange(byUser[i], expected - tolerance, expected + tolerance);
            Assert.InRange(byChance[i], expected - tolerance, expected + tolerance);
        }
    }

    [Fact]
    public void A_user_stays_with_a_variant_and_moves_only_as_the_weights_do()
    {
        RouterEntry half = Entry(Definitions.Weighted("a", 50, 50));
        RouterEntry more = Entry(Definitions.Weighted("a", 60, 40));
        int moved = 0;
        for (int i = 0; i < 2_000; i++)
        {
            string variant = Select(half, $"user-{i}");
            Assert.Equal(variant, Select(half, $"user-{i}", new Random(i)));
            string after = Select(more, $"user-{i}");
            Assert.False(variant == "v0" && after == "v1", "Nobody leaves a variant whose weight grows.");
            moved += variant == after ? 0 : 1;
        }

        Assert.InRange(moved, 120, 280);
    }

    [Fact]
    public void Where_a_user_stands_is_the_same_in_every_version_and_differs_by_router()
    {
        RouterEntry entry = Entry(Definitions.Weighted("a", 25, 25, 25, 25));
        RouterEntry other = Entry(Definitions.Weighted("a", 25, 25, 25, 25), Guid.Parse("0199a000-0000-7000-8000-000000000002"));
        string[] users = [.. Enumerable.Range(0, 8).Select(i => $"user-{i}")];
        Assert.Equal("v2v2v3v2v0v1v3v0", string.Concat(users.Select(user => Select(entry, user))));
        Assert.NotEqual(users.Select(user => Select(entry, user)), users.Select(user => Select(other, user)));
    }

    [Theory]
    [InlineData("""{"tier":"premium"}""", "r0")]
    [InlineData("""{"tier":"free","country":"de"}""", "r1")]
    [InlineData("""{"tier":"free","country":"fr"}""", "fallback")]
    [InlineData("""{"tier":"premium","country":"de"}""", "r0")]
    public void The_first_condition_that_is_true_wins_else_the_default(string metadata, string route)
    {
        RouterEntry entry = Entry(Definitions.Conditional("a", "fallback", "metadata.tier == 'premium'", "country == 'de'"));
        RouterChoice choice = Choose(entry, metadata);
        Assert.Equal(route, choice.Route.Id);
        Assert.Empty(choice.Warnings);
    }

    [Theory]
    [InlineData("messages[0].content.startsWith('Hel') && messages[1].content == 'part one, two'")]
    [InlineData("messages.size() == 2 && messages[1].role == 'assistant'")]
    [InlineData("model == 'inworld/a' && user == 'u' && stream")]
    [InlineData("prompt_variables.language == 'French'")]
    [InlineData("tools.size() == 1 && tools[0].type == 'function'")]
    public void Conditions_read_the_request(string condition)
    {
        RouterEntry entry = Entry(Definitions.Conditional("a", null, condition));
        RequestFacts facts = Facts(null) with
        {
            User = "u",
            Stream = true,
            PromptVariables = JsonElement.Parse("""{"language":"French"}"""),
            Messages = """[{"role":"user","content":"Hello"},{"role":"assistant","content":[{"type":"text","text":"part one, "},{"type":"image_url"},{"type":"text","text":"two"}]}]"""u8.ToArray(),
            Tools = """[{"type":"function","function":{"name":"f"}}]"""u8.ToArray(),
        };
        Assert.Equal("r0", RouterSelector.Select(entry, ConditionVariables.Of(facts, entry.Router!.Variables), "u", new Random(1)).Route.Id);
    }

    [Fact]
    public void A_condition_that_cannot_be_evaluated_counts_as_false_and_is_told()
    {
        RouterEntry entry = Entry(Definitions.Conditional("a", "fallback", "metadata.age > 3", "metadata.tier == 'x'"));
        RouterChoice choice = Choose(entry, """{"age":"four","tier":"x"}""");
        Assert.Equal("r1", choice.Route.Id);
        Assert.Contains("'r0'", Assert.Single(choice.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void With_no_route_for_a_request_the_error_says_so()
    {
        RouterEntry entry = Entry(Definitions.Conditional("a", null, "metadata.tier == 'premium'"));
        RouterError error = Assert.Throws<RouterException>(() => Choose(entry, """{"tier":"free"}""")).Error;
        Assert.Equal((400, "invalid_request", "model"), (error.Status, error.Code, error.Param));
        Assert.Contains("no default route", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_stored_definition_that_is_not_valid_any_more_is_an_error_that_says_what()
    {
        RouterEntry entry = Entry("""{"name":"a","defaultRoute":{"route_id":"d","variants":[]}}""");
        RouterError error = Assert.Throws<RouterException>(() => Select(entry, "u")).Error;
        Assert.Equal(400, error.Status);
        Assert.Contains("defaultRoute.variants", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Members_without_effect_are_told()
    {
        RouterEntry entry = Entry(Definitions.Weighted("a", 100).Replace("{\"name\"", "{\"optimize_prompt\":true,\"name\"", StringComparison.Ordinal));
        Assert.Contains("optimize_prompt", Assert.Single(Choose(entry, null).Warnings), StringComparison.Ordinal);
    }

    private static RouterEntry Entry(string json, Guid? id = null) => RouterEntry.Of(id ?? Id, "a", 1, Encoding.UTF8.GetBytes(json));

    private static string Select(RouterEntry entry, string? user, Random? random = null) =>
        RouterSelector.Select(entry, ConditionVariables.Of(Facts(null), entry.Router?.Variables ?? []), user, random ?? new Random(1)).Variant.Id;

    private static RouterChoice Choose(RouterEntry entry, string? metadata) =>
        RouterSelector.Select(entry, ConditionVariables.Of(Facts(metadata), entry.Router!.Variables), "u", new Random(1));

    private static RequestFacts Facts(string? metadata) => new()
    {
        Model = "inworld/a",
        Metadata = metadata is null ? null : JsonElement.Parse(metadata),
        Messages = """[{"role":"user","content":"Hello"}]"""u8.ToArray(),
    };

    private static int Position(string variant) => variant[1] - '0';
}
