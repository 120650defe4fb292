#if !USE_ASPIRE
using Microsoft.Extensions.DependencyInjection;
using Router.AppHost.Embedded;
using Router.AppHost.Embedded.Testing;
using Router.Core.Providers;

namespace Router.Tests.AppHost;

/// <summary>The application model, built but not started.</summary>
public sealed class ModelTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Migrations_run_once_the_database_is_there_and_before_the_services()
    {
        await using var builder = await ModelAsync();

        Assert.Contains(Waits(builder, "migrations"), w => w is { Resource.Name: "routerdb", WaitType: WaitType.WaitUntilHealthy });
        Assert.Contains(Waits(builder, "worker"), w => w is { Resource.Name: "migrations", WaitType: WaitType.WaitForCompletion });
        Assert.Contains(Waits(builder, "api"), w => w is { Resource.Name: "migrations", WaitType: WaitType.WaitForCompletion });
        Assert.Contains(Waits(builder, "api"), w => w is { Resource.Name: "cache", WaitType: WaitType.WaitUntilHealthy });
    }

    [Fact]
    public async Task Every_provider_of_the_table_has_a_secret_parameter_given_under_the_vendors_variable()
    {
        await using var builder = await ModelAsync();

        var api = builder.Resources.Single(r => r.Name == "api").Annotations.OfType<EnvironmentAnnotation>().Select(e => e.Name).ToHashSet();
        foreach (var provider in ProviderTable.All.Where(p => !p.SystemKeyVariables.IsEmpty))
        {
            Assert.True(builder.Resources.OfType<ParameterResource>().Single(p => p.Name == provider.Slug + "-api-key").Secret);
            Assert.Contains(provider.SystemKeyVariables[0], api);
        }
    }

    [Fact]
    public async Task A_provider_key_comes_from_its_parameter_before_the_vendors_variable()
    {
        var provider = ProviderTable.All[0];
        await using var builder = await ModelAsync($"--Parameters:{provider.Slug}-api-key=from-parameter", $"--{provider.SystemKeyVariables[0]}=from-variable");
        Assert.Equal("from-parameter", await EnvironmentAsync(builder, "api", provider.SystemKeyVariables[0]));

        await using var other = await ModelAsync($"--{provider.SystemKeyVariables[0]}=from-variable");
        Assert.Equal("from-variable", await EnvironmentAsync(other, "api", provider.SystemKeyVariables[0]));
    }

    [Fact]
    public async Task Generated_secrets_have_their_formats_and_stay_the_same()
    {
        using var state = new TemporaryDirectory();
        await using var builder = await ModelAsync("--Router:StateDirectory=" + state.Path);

        var master = await EnvironmentAsync(builder, "api", "Router__MasterKeys__0");
        Assert.StartsWith("k1:", master, StringComparison.Ordinal);
        Assert.Equal(32, Convert.FromBase64String(master![3..]).Length);
        Assert.Matches("^rk_[A-Za-z0-9]{12}_[A-Za-z0-9]{32,}$", await EnvironmentAsync(builder, "migrations", "Router__Development__RouterKey"));

        await using var again = await ModelAsync("--Router:StateDirectory=" + state.Path);
        Assert.Equal(master, await EnvironmentAsync(again, "worker", "Router__MasterKeys__0"));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(state.Path, "secrets.json")));
    }

    [Fact]
    public async Task A_published_model_has_no_simulator_no_router_key_and_no_generated_secret()
    {
        await using var builder = await ModelAsync("--operation=publish");

        Assert.True(builder.ExecutionContext.IsPublishMode);
        Assert.DoesNotContain(builder.Resources, r => r.Name == "router-key");
        Assert.Contains(builder.Resources.Single(r => r.Name == "simulator").Annotations, a => a is ManifestExclusionAnnotation);
        Assert.DoesNotContain(builder.Resources.SelectMany(r => r.Annotations).OfType<EnvironmentAnnotation>(), e => e.Name.StartsWith("Router__Simulator", StringComparison.Ordinal));
        Assert.Equal(2, builder.Resources.Single(r => r.Name == "api").Annotations.OfType<ReplicaAnnotation>().Single().Replicas);
        var master = builder.Resources.OfType<ParameterResource>().Single(p => p.Name == "master-key");
        await Assert.ThrowsAsync<DistributedApplicationException>(() => master.GetValueAsync(Cancellation).AsTask());
    }

    [Fact]
    public async Task The_command_says_why_it_could_not_be_done()
    {
        await using var builder = await ModelAsync($"--Parameters:admin-key=admin_nobody");
        builder.Resources.Single(r => r.Name == "api").Annotations.OfType<EndpointAnnotation>().First().AllocatedPort = Ports.Free();
        var command = Assert.Single(builder.Resources.Single(r => r.Name == "worker").Annotations.OfType<ResourceCommandAnnotation>());
        Assert.Equal("Re-check all keys", command.DisplayName);
        var result = await command.ExecuteCommand(new()
        {
            Services = new ServiceCollection().BuildServiceProvider(),
            ResourceName = "worker",
            CancellationToken = Cancellation,
            Logger = Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance,
        });
        Assert.False(result.Success);
        Assert.StartsWith("The API does not answer", result.ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trace_links_lead_where_the_developer_says_and_nowhere_without_a_dashboard()
    {
        const string variable = "Router__Studio__TraceUrl";
        await using var without = await ModelAsync("--DcpPublisher:RandomizePorts=false", "--ASPNETCORE_URLS=http://localhost:15000");
        Assert.DoesNotContain(without.Resources.Single(r => r.Name == "api").Annotations.OfType<EnvironmentAnnotation>(), e => e.Name == variable);

        await using var given = await ModelAsync("--Router:Studio:TraceUrl=http://localhost:3000/trace/{traceId}");
        Assert.Equal("http://localhost:3000/trace/{traceId}", await EnvironmentAsync(given, "api", variable));
    }

    [Fact]
    public async Task Parallel_tests_each_get_their_own_builder()
    {
        var builders = await Task.WhenAll(Enumerable.Range(0, 8).Select(n => ModelAsync($"--Router:Replicas={n + 1}")));

        for (var n = 0; n < builders.Length; n++)
            Assert.Equal(n + 1, builders[n].Resources.Single(r => r.Name == "api").Annotations.OfType<ReplicaAnnotation>().Single().Replicas);
    }

    private static Task<IDistributedApplicationTestingBuilder> ModelAsync(params string[] args) =>
        DistributedApplicationTestingBuilder.CreateAsync<Projects.Router_AppHost>(args, Cancellation);

    private static IEnumerable<WaitAnnotation> Waits(IDistributedApplicationTestingBuilder builder, string resource) =>
        builder.Resources.Single(r => r.Name == resource).Annotations.OfType<WaitAnnotation>();

    private static async Task<string?> EnvironmentAsync(IDistributedApplicationTestingBuilder builder, string resource, string variable) =>
        await builder.Resources.Single(r => r.Name == resource).Annotations.OfType<EnvironmentAnnotation>().Last(e => e.Name == variable).Value(Cancellation);
}
#endif
