using System.Security.Cryptography;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Router.Core.Keys;

namespace Router.Tests.Keys;

public sealed class MasterKeyConfigurationTests
{
    private static string NewKey() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    [Fact]
    public void The_first_entry_is_the_newest()
    {
        var ring = Load(("Router:MasterKeys:0", $"k2:{NewKey()}"), ("Router:MasterKeys:1", $"k1:{NewKey()}"));
        Assert.Equal("k2", ring.Newest.Name);
        Assert.Equal("k1", ring.Oldest.Name);
    }

    [Fact]
    public void One_text_with_commas_is_a_list() =>
        Assert.Equal("k2", Load(("Router:MasterKeys", $"k2:{NewKey()}, k1:{NewKey()}")).Newest.Name);

    [Fact]
    public async Task A_file_holds_one_per_line()
    {
        var path = Path.GetTempFileName();
        await File.WriteAllTextAsync(path, $"# newest first\nk2:{NewKey()}\n\nk1:{NewKey()}\n", TestContext.Current.CancellationToken);
        try
        {
            Assert.Equal("k1", Load(("Router:MasterKeysFile", path)).Oldest.Name);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Every_problem_is_told_at_once_and_none_shows_key_material()
    {
        var (good, unnamed) = (NewKey(), NewKey());
        var secretish = "c2hvcnQ=";
        var exception = Assert.Throws<OptionsValidationException>(() => Load(
            ("Router:MasterKeys:0", $"k1:{good}"),
            ("Router:MasterKeys:1", $"k1:{NewKey()}"),
            ("Router:MasterKeys:2", $"k2:{good}"),
            ("Router:MasterKeys:3", $"k3:{secretish}"),
            ("Router:MasterKeys:4", unnamed),
            ("Router:MasterKeys:5", $"k5:{Convert.ToBase64String(new byte[32])}"),
            ("Router:MasterKeys:6", $"k6:{new string('A', 5000)}")));
        Assert.Equal(6, exception.Failures.Count());
        foreach (var material in new[] { good, unnamed, unnamed[..12], secretish, "AAAA" })
            Assert.DoesNotContain(material, exception.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void No_key_at_all_says_how_to_configure_one() =>
        Assert.Contains("name:base64", Assert.Throws<OptionsValidationException>(() => Load()).Message, StringComparison.Ordinal);

    [Fact]
    public void A_missing_file_is_a_problem_of_its_own() =>
        Assert.Contains("cannot be read", Assert.Throws<OptionsValidationException>(() => Load(("Router:MasterKeysFile", "/nowhere/keys"))).Message, StringComparison.Ordinal);

    [Fact]
    public async Task A_host_with_bad_master_keys_does_not_start()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Configuration.AddInMemoryCollection([new("Router:MasterKeys:0", "k1:short")]);
        builder.Services.AddRouterKeys(builder.Configuration);
        using var host = builder.Build();
        await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(TestContext.Current.CancellationToken));
    }

    private static MasterKeyRing Load(params (string Key, string Value)[] settings) => MasterKeyConfiguration.Load(
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value))).Build());
}
