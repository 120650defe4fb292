using System.Diagnostics;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using Router.Core.Telemetry;

namespace Router.Tests.Signals;

/// <summary>No caller and no provider writes a line of our logs, or a tag, as it likes.</summary>
public sealed partial class PrintableTests
{
    /// <summary>Texts put together from printable parts, or ours.</summary>
    private static readonly string[] Own = ["RequestLog.attempts", "MasterKeyFileWatch.problems"];

    [Theory]
    [InlineData("openai/gpt-4o", "openai/gpt-4o")]
    [InlineData("modèle 温度 🙂", "modèle 温度 🙂")]
    [InlineData("a\nb\r\nc\td\0e", "a?b??c?d?e")]
    [InlineData("\u001b[31mred", "?[31mred")]
    [InlineData("\u202eevil\u2066\u200f\u200b\ufeff", "?evil????")]
    [InlineData("a\u2028b\u2029c\u0085d\u00a0e", "a?b?c?d?e")]
    [InlineData("\ue000 private", "? private")]
    public void What_could_forge_a_line_is_replaced(string text, string printed)
    {
        Assert.Equal(printed, Printable.Of(text));
        Assert.Equal(printed, new Printable(text).ToString());
        Assert.Equal(printed, $"{(Printable)text}");
    }

    [Fact]
    public void Half_a_character_is_replaced()
    {
        Assert.Equal("?half?", Printable.Of("\ud800half\udc00"));
        Assert.Equal("?", Printable.Of("\uffff"));
    }

    [Fact]
    public void A_text_is_bounded_and_never_cut_within_a_character()
    {
        string printed = Printable.Of(new string('x', Printable.Longest - 1) + "🙂 and more");
        Assert.Equal(new string('x', Printable.Longest - 1) + "?", printed);
    }

    [Fact]
    public void A_plain_text_costs_nothing()
    {
        string text = "openai/gpt-4o";
        Assert.Same(text, Printable.Of(text));
    }

    [Fact]
    public void Every_text_that_is_logged_is_printable()
    {
        MethodInfo[] methods = [.. Assemblies().SelectMany(assembly => assembly.GetTypes())
            .SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .Where(method => method.GetCustomAttribute<LoggerMessageAttribute>() is not null)];
        Assert.True(methods.Length > 30, $"{methods.Length} methods log.");
        string[] loose = [.. methods.SelectMany(method => method.GetParameters())
            .Where(parameter => parameter.ParameterType == typeof(string) || parameter.ParameterType == typeof(object) || typeof(IEnumerable<string>).IsAssignableFrom(parameter.ParameterType))
            .Select(parameter => $"{parameter.Member.DeclaringType!.Name}.{parameter.Name}")
            .Except(Own)];
        Assert.Empty(loose);
    }

    [Fact]
    public void Nothing_is_logged_or_tagged_but_through_the_gate()
    {
        string[] loose = [.. Sources()
            .Where(file => Path.GetFileName(file) is not ("SpanTags.cs" or "ServerSpans.cs"))
            .SelectMany(file => File.ReadLines(file).Where(line => Around().IsMatch(line)).Select(line => $"{Path.GetFileName(file)}: {line.Trim()}"))];
        Assert.Empty(loose);
    }

    [Fact]
    public void A_tag_of_hostile_text_is_printable_whether_added_or_set()
    {
        using var span = new Activity("x");
        span.Tag("a", "line\nbreak").Tag("b", (string[])["\u202eone", "two"]).Tag("c", 7).Tag("d", null);
        span.Retag("a", "line\rbreak");
        Assert.Equal("line?break", span.GetTagItem("a"));
        Assert.Equal(["?one", "two"], (string[])span.GetTagItem("b")!);
        Assert.Equal(7, span.GetTagItem("c"));
        Assert.Null(span.GetTagItem("d"));
    }

    private static IEnumerable<Assembly> Assemblies() =>
        [typeof(Printable).Assembly, typeof(Router.Api.Dialects.OpenAI.ChatRequestReader).Assembly, typeof(Router.Worker.Revalidation.RevalidationService).Assembly];

    private static IEnumerable<string> Sources([CallerFilePath] string here = "")
    {
        string root = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", ".."));
        return new[] { "Router.Core", "Router.Api", "Router.Worker", "Router.ServiceDefaults" }
            .SelectMany(project => Directory.EnumerateFiles(Path.Combine(root, project), "*.cs", SearchOption.AllDirectories))
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal));
    }

    /// <summary>Ways to log or tag that pass no gate.</summary>
    [GeneratedRegex(@"\.(?:SetTag|AddTag|AddBaggage|SetCustomProperty)\(|\.Log(?:Trace|Debug|Information|Warning|Error|Critical)\(|Console\.(?:Out|Error)?\.?Write")]
    private static partial Regex Around();
}
