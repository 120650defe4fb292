using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Router.Core.Routing.Cel;
using Router.Core.Routing.SavedRouters;

namespace Router.Tests.Routing.SavedRouters;

/// <summary>A definition is read by every replica and on every request: what it may cost is bounded.</summary>
public sealed class SavedRouterBoundsTests
{
    [Fact]
    public void A_variable_that_stands_in_a_template_thousands_of_times_is_refused_before_it_is_written()
    {
        var text = new TemplateText(string.Concat(Enumerable.Repeat("{{a}}", 25_000)));
        string value = new('x', 1_000_000);
        long left = TemplateRenderer.Longest;
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.True(text.TryRender(_ => value, ref left, out _, out _));
        Assert.True(left < 0);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64_000_000);

        left = 100;
        Assert.True(new TemplateText("Hello {{ name }}!").TryRender(_ => "Ada", ref left, out string? rendered, out _));
        Assert.Equal("Hello Ada!", rendered);
        Assert.True(left >= 0);
    }

    [Fact]
    public void A_patch_with_more_members_than_a_router_has_is_none()
    {
        string members = string.Join(',', Enumerable.Range(0, 24_000).Select(i => $"\"m{i}\":1"));
        var clock = Stopwatch.StartNew();
        Assert.Null(RouterPatch.Apply("{\"name\":\"a\"}"u8, Encoding.UTF8.GetBytes($"{{{members}}}"), null));
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(2), $"It took {clock.Elapsed}.");
    }

    [Fact]
    public void A_variable_with_millions_of_values_is_an_error_and_is_not_built()
    {
        using var document = JsonDocument.Parse($"[{string.Join(',', Enumerable.Repeat("0", 2_000_000))}]");
        long before = GC.GetAllocatedBytesForCurrentThread();
        var value = CelValue.FromJson(document.RootElement);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 32_000_000);
        var result = CelExpression.Parse("size(x) > 0 || true").Evaluate(new Dictionary<string, CelValue> { ["x"] = value });
        Assert.True(result.IsTrue);
        Assert.Contains("too many values", CelExpression.Parse("size(x) > 0").Evaluate(new Dictionary<string, CelValue> { ["x"] = value }).Error, StringComparison.Ordinal);
    }
}
