using Microsoft.Extensions.DependencyInjection;
using Router.Core.Keys;
using Router.Core.Providers;
using Router.Tests.Support;

namespace Router.Tests.Keys;

/// <summary>What saving a key finds out about it, at every provider as the simulator plays it.</summary>
public sealed class InferenceProbeTests(Pipeline pipeline) : IClassFixture<Pipeline>
{
    private static readonly string[] Slugs = ["openai", "anthropic", "google-vertex", "google-ai-studio", "cerebras", "deepinfra", "fireworks", "mistral", "groq", "xai"];

    private static readonly (string Key, KeyCheckOutcome Outcome, bool Quota)[] Keys =
    [
        ("sim-good-probe", KeyCheckOutcome.Valid, false),
        ("sim-invalid-probe", KeyCheckOutcome.Invalid, false),
        ("sim-nocredit-probe", KeyCheckOutcome.Limited, true),
        ("sim-noaccess", KeyCheckOutcome.Limited, false),
        ("sim-restricted-probe", KeyCheckOutcome.Valid, false),
    ];

    public static IEnumerable<TheoryDataRow<string, string, KeyCheckOutcome, bool>> Cases =>
        from slug in Slugs
        from one in Keys
        select new TheoryDataRow<string, string, KeyCheckOutcome, bool>(slug, one.Key, one.Outcome, one.Quota);

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Saving_finds_out_what_a_key_is_good_for(string slug, string key, KeyCheckOutcome outcome, bool quota)
    {
        var found = await CheckAsync(slug, key);
        Assert.Equal((outcome, quota), (found.Outcome, found.Quota));
        Assert.DoesNotContain(key, found.Message, StringComparison.Ordinal);
        Assert.EndsWith(".", found.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_key_is_asked_for_no_answer_and_a_good_one_for_one_token()
    {
        await CheckAsync("mistral", "sim-invalid-once");
        await CheckAsync("mistral", "sim-good-once");
        Assert.Single(await pipeline.JournalAsync("sim-invalid-once"));
        Assert.Equal(2, (await pipeline.JournalAsync("sim-good-once")).Count);
    }

    private async Task<KeyCheckResult> CheckAsync(string slug, string key)
    {
        var services = pipeline.Services;
        var provider = pipeline.Providers.All.Single(one => one.Slug == slug).Definition;
        var secret = new Secret(key);
        var cancel = TestContext.Current.CancellationToken;
        var found = await services.GetRequiredService<IKeyChecker>().CheckAsync(provider, secret, cancel);
        return await services.GetRequiredService<InferenceProbe>().SharpenAsync(provider, secret, found, cancel);
    }
}
