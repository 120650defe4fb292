using System.Security.Cryptography;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Router.Core.Keys;
using Router.Core.Usage;
using Router.Worker.Housekeeping;
using Router.Worker.Revalidation;

namespace Router.Tests.Keys;

/// <summary>Settings that would spin, stop or delete are refused at the start.</summary>
public sealed class SettingsTests
{
    [Theory]
    [InlineData("Router:Revalidation:Concurrency", "0")]
    [InlineData("Router:Revalidation:Concurrency", "-1")]
    [InlineData("Router:Revalidation:PollInterval", "-00:00:01")]
    [InlineData("Router:Revalidation:PollInterval", "60.00:00:00")]
    [InlineData("Router:Revalidation:Interval", "00:00:00")]
    [InlineData("Router:Revalidation:CheckTimeout", "00:02:00")]
    [InlineData("Router:Snapshot:PollInterval", "00:00:00")]
    [InlineData("Router:Snapshot:LoadTimeout", "-00:00:05")]
    [InlineData("Router:Usage:FlushInterval", "-00:00:01")]
    [InlineData("Router:Usage:Retention", "-1.00:00:00")]
    [InlineData("Router:Usage:Retention", "00:00:00")]
    [InlineData("Router:Usage:SpoolBytes", "-1")]
    [InlineData("Router:Audit:Retention", "-1.00:00:00")]
    [InlineData("Router:Rewrap:Interval", "-00:00:01")]
    [InlineData("Router:MasterKeysFileInterval", "-00:00:01")]
    public async Task A_setting_that_cannot_be_meant_fails_the_start_by_name(string name, string value)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Configuration.AddInMemoryCollection([new("Router:MasterKeys:0", $"k1:{Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))}"), new(name, value)]);
        builder.Services.AddRouterKeys(builder.Configuration);
        builder.Services.AddUsageOptions(builder.Configuration);
        builder.Services.AddSingleton(Npgsql.NpgsqlDataSource.Create("Host=127.0.0.1;Port=1;Username=nobody"));
        builder.Services.AddHostedService<AuditRetentionService>();
        builder.Services.AddHostedService<RewrapService>();
        builder.Logging.ClearProviders();
        using var host = builder.Build();
        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(TestContext.Current.CancellationToken));
        Assert.Contains(name[..name.LastIndexOf(':')], refused.Message, StringComparison.Ordinal);
    }
}
