using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using Router.Api.Studio;
using Router.Api.Studio.SignIn;
using Router.Core.Health;
using Router.Core.Keys;
using Router.Core.Limits;
using Router.Core.Settings;
using Router.Core.Usage;
using Router.Tests.Signals;

namespace Router.Tests.Settings;

public sealed partial class KnownSettingsTests
{
    public static TheoryData<Type> Options =>
    [
        typeof(UsageOptions), typeof(SnapshotOptions), typeof(RevalidationOptions), typeof(LimitOptions), typeof(RouteStatisticsOptions), typeof(StudioSettings), typeof(OpenIdConnectSettings),
    ];

    [Theory]
    [MemberData(nameof(Options))]
    public void Every_option_of_a_class_is_known(Type options)
    {
        string section = (string)options.GetField("Section", BindingFlags.Public | BindingFlags.Static)!.GetRawConstantValue()!;
        foreach (PropertyInfo property in options.GetProperties().Where(property => property.CanWrite))
        {
            Assert.Contains($"{section}:{property.Name}", KnownSettings.OfServices);
        }
    }

    [Fact]
    public void Every_limit_of_a_chat_is_known()
    {
        MatchCollection limits = Limit().Matches(Documents.Read("../Router.Core/Chat/ChatLimits.cs"));
        Assert.True(limits.Count > 8, $"Only {limits.Count} limits were found.");
        foreach (Match limit in limits)
        {
            Assert.Contains($"Router:{(limit.Groups[1].Value == "timeouts" ? "Timeouts" : "Fallback")}:{limit.Groups[2].Value}", KnownSettings.OfServices);
        }
    }

    [Fact]
    public void Every_setting_that_the_documents_name_is_known()
    {
        foreach (string document in (string[])["../README.md", "operations.md", "providers.md", "routing.md", "fallback.md", "deploy.md"])
        {
            foreach (Match match in Setting().Matches(Documents.Read(document)))
            {
                string name = match.Value.Replace("__", ":", StringComparison.Ordinal);
                Assert.Equal([], KnownSettings.Unknown(Configuration(name)).Select(said => $"{document}: {said}"));
            }
        }
    }

    [Fact]
    public void A_value_is_never_said()
    {
        string said = Assert.Single(KnownSettings.Unknown(Configuration("Router:Providers:openai:Apikee")));
        Assert.DoesNotContain("secret-value", said, StringComparison.Ordinal);
    }

    private static IConfiguration Configuration(string name) =>
        new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create<string, string?>(name, "secret-value")]).Build();

    [GeneratedRegex(@"(timeouts|fallback), ""(\w+)""")]
    private static partial Regex Limit();

    // A name that ends in a placeholder or an ellipsis stands for several.
    [GeneratedRegex(@"Router__[A-Za-z]+(__[A-Za-z0-9./-]+)*(?![A-Za-z0-9_{])")]
    private static partial Regex Setting();
}
