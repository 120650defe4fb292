using System.Reflection;
using Microsoft.Extensions.Hosting;
using Router.Api.Dialects;
using Router.AppHost.Development;
using Router.Core.Telemetry;
using Router.Worker.Migrations;

namespace Router.Tests.AppHost;

/// <summary>Aspire is Aspire's: nothing of ours has the name of one of its types.</summary>
public sealed class NoImitationTests
{
    private static readonly Assembly[] s_aspire =
    [
        typeof(DistributedApplication).Assembly, typeof(DistributedApplicationTestingBuilder).Assembly, typeof(PostgresServerResource).Assembly, typeof(RedisResource).Assembly,
        typeof(AspirePostgreSqlNpgsqlExtensions).Assembly, typeof(AspireRedisExtensions).Assembly,
    ];

    private static readonly Assembly[] s_ours =
    [
        typeof(StartFault).Assembly, typeof(Tags).Assembly, typeof(RequestLog).Assembly, typeof(MigrateCommand).Assembly, typeof(CacheExtensions).Assembly, typeof(NoImitationTests).Assembly,
    ];

    [Fact]
    public void No_type_of_ours_has_the_name_of_one_of_Aspires()
    {
        HashSet<string> theirs = [.. s_aspire.SelectMany(assembly => assembly.GetExportedTypes()).Where(type => !type.IsNested).Select(type => type.Name)];
        Assert.True(theirs.Count > 300, $"Only {theirs.Count} types of Aspire were found.");
        Assert.Equal([], s_ours.SelectMany(assembly => assembly.GetTypes())
            .Where(type => !type.IsNested && type.Namespace?.StartsWith("Router", StringComparison.Ordinal) == true && theirs.Contains(type.Name))
            .Select(type => type.FullName));
    }
}
