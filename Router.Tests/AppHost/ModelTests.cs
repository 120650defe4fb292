using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Router.AppHost.Development;
using Router.Core.Providers;

namespace Router.Tests.AppHost;

/// <summary>The application model, built but not started.</summary>
public sealed class ModelTests : IDisposable
{
    private readonly TemporaryDirectory _state = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _state.Dispose();

    [Fact]
    public async Task Migrations_run_once_the_database_is_there_and_before_the_services()
    {
        await using var builder = await ModelAsync();

        Assert.Contains(Waits(builder, "migrations"), w => w is { Resource.Name: "routerdb", WaitType: WaitType.WaitUntilHealthy });
        Assert.Contains(Waits(builder, "worker"), w => w is { Resource.Name: "migrations", WaitType: WaitType.WaitForCompletion });
        Assert.Contains(Waits(builder, "api"), w => w is { Resource.Name: "migrations", WaitType: WaitType.WaitForCompletion });
        Assert.Contains(Waits(builder, "api"), w => w is { Resource.Name: "cache", WaitType: WaitType.WaitUntilHealthy });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_model_is_the_same_with_containers_and_without(bool containers)
    {
        await using var builder = await ModelAsync($"--Router:Containers={containers}");

        Assert.Equal(containers, builder.Resources.OfType<PostgresServerResource>().Any());
        Assert.Equal(containers, builder.Resources.OfType<RedisResource>().Any());
        Assert.Equal(
            ["api", "cache", "migrations", "postgres", "routerdb", "simulator", "worker"],
            builder.Resources.Where(r => r is not ParameterResource).Select(r => r.Name).Where(name => !name.Contains("rebuilder", StringComparison.Ordinal)).Order());
        Assert.StartsWith("Host=", ((IResourceWithConnectionString)builder.Resources.Single(r => r.Name == "routerdb")).ConnectionStringExpression.ValueExpression.Replace("{postgres.connectionString}", "Host=", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_provider_of_the_table_has_a_secret_parameter_given_under_the_vendors_variable()
    {
        await using var builder = await ModelAsync();

        foreach (var provider in ProviderTable.All.Where(p => !p.SystemKeyVariables.IsEmpty))
        {
            Assert.True(builder.Resources.OfType<ParameterResource>().Single(p => p.Name == provider.Slug + "-api-key").Secret);
            Assert.Equal("", await EnvironmentAsync(builder, "api", provider.SystemKeyVariables[0]));
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

    [Theory]
    [InlineData("api")]
    [InlineData("worker")]
    public async Task A_setting_reaches_the_services_by_its_name_dashes_included(string service)
    {
        await using var builder = await ModelAsync("--Router:Providers:google-ai-studio:Live=true", "--Router:Timeouts:Header=00:00:42");

        Assert.Equal("true", await EnvironmentAsync(builder, service, "Router__Providers__google-ai-studio__Live"));
        Assert.Equal("00:00:42", await EnvironmentAsync(builder, service, "Router__Timeouts__Header"));
    }

    [Fact]
    public async Task A_developers_api_ends_at_once_unless_told_otherwise_and_a_published_one_takes_its_time()
    {
        const string drain = "Router__Shutdown__Drain";
        await using var builder = await ModelAsync();
        Assert.Equal(("00:00:00", "00:00:01"), (await EnvironmentAsync(builder, "api", drain), await EnvironmentAsync(builder, "api", "Router__Shutdown__Timeout")));
        await using var told = await ModelAsync("--Router:Shutdown:Drain=00:00:07");
        Assert.Equal("00:00:07", await EnvironmentAsync(told, "api", drain));
        await using var published = await ModelAsync("--operation=publish");
        Assert.Null(await EnvironmentAsync(published, "api", drain));
    }

    [Fact]
    public async Task The_operators_keys_reach_only_who_calls_providers()
    {
        await using var builder = await ModelAsync("--OPENAI_API_KEY=sk-operator", "--Router:Providers:groq:ApiKey=gsk-operator");

        foreach (var resource in builder.Resources.OfType<IResourceWithEnvironment>())
        {
            var values = (await EnvironmentAsync(builder, resource)).Values.OfType<string>();
            Assert.Equal(resource.Name is "api" or "worker" or "migrations", values.Any(value => value.EndsWith("-operator", StringComparison.Ordinal)));
        }
    }

    [Theory]
    [InlineData("PATH", true)]
    [InlineData("HTTPS_PROXY", true)]
    [InlineData("XDG_CONFIG_HOME", true)]
    [InlineData("OTEL_SERVICE_NAME", true)]
    [InlineData("OPENAI_API_KEY", false)]
    [InlineData("Router__Providers__google-ai-studio__ApiKey", false)]
    [InlineData("Parameters__master-key", false)]
    [InlineData("AWS_SECRET_ACCESS_KEY", false)]
    [InlineData("GITHUB_TOKEN", false)]
    public void Programs_inherit_what_programs_need_and_no_secret(string variable, bool inherited) => Assert.Equal(inherited, ChildEnvironment.MayInherit(variable));

    [Fact]
    public async Task Generated_secrets_have_their_formats_and_stay_the_same()
    {
        await using var builder = await ModelAsync();
        var master = await EnvironmentAsync(builder, "api", "Router__MasterKeys__0");
        Assert.StartsWith("k1:", master, StringComparison.Ordinal);
        Assert.Equal(32, Convert.FromBase64String(master![3..]).Length);
        Assert.Matches("^rk_[A-Za-z0-9]{12}_[A-Za-z0-9]{32,}$", await EnvironmentAsync(builder, "migrations", "Router__Development__RouterKey"));

        await using var again = await ModelAsync();
        Assert.Equal(master, await EnvironmentAsync(again, "worker", "Router__MasterKeys__0"));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_state.Path, "secrets.json")));
    }

    [Fact]
    public async Task A_published_model_has_no_simulator_no_router_key_and_no_generated_secret()
    {
        await using var builder = await ModelAsync("--operation=publish");

        Assert.True(builder.ExecutionContext.IsPublishMode);
        Assert.DoesNotContain(builder.Resources, r => r.Name == "router-key");
        Assert.Single(builder.Resources.OfType<PostgresServerResource>());
        Assert.Single(builder.Resources.OfType<RedisResource>());
        Assert.Same(ManifestPublishingCallbackAnnotation.Ignore, builder.Resources.Single(r => r.Name == "simulator").Annotations.OfType<ManifestPublishingCallbackAnnotation>().Last());
        Assert.DoesNotContain((await EnvironmentAsync(builder, (IResourceWithEnvironment)builder.Resources.Single(r => r.Name == "api"))).Keys, name => name.StartsWith("Router__Simulator", StringComparison.Ordinal));
        Assert.Equal(2, builder.Resources.Single(r => r.Name == "api").Annotations.OfType<ReplicaAnnotation>().Single().Replicas);
        var master = builder.Resources.OfType<ParameterResource>().Single(p => p.Name == "master-key");
        await Assert.ThrowsAsync<MissingParameterValueException>(() => master.GetValueAsync(Cancellation).AsTask());
    }

    [Fact]
    public async Task The_command_says_why_it_could_not_be_done()
    {
        await using var builder = await ModelAsync("--Parameters:admin-key=admin_nobody-of-this-name");
        var endpoint = builder.Resources.Single(r => r.Name == "api").Annotations.OfType<EndpointAnnotation>().First();
        endpoint.AllocatedEndpoint = new(endpoint, "127.0.0.1", 1);
        var command = Assert.Single(builder.Resources.Single(r => r.Name == "worker").Annotations.OfType<ResourceCommandAnnotation>(), c => c.Name == KeyRecheck.Command);
        Assert.Equal("Re-check all keys", command.DisplayName);
        var result = await command.ExecuteCommand(new()
        {
            Services = new ServiceCollection().BuildServiceProvider(),
            ResourceName = "worker",
            Arguments = new([]),
            CancellationToken = Cancellation,
            Logger = NullLogger.Instance,
        });
        Assert.False(result.Success);
        Assert.StartsWith("The API does not answer", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trace_links_lead_where_the_developer_says_and_nowhere_without_a_dashboard()
    {
        const string variable = "Router__Studio__TraceUrl";
        await using var without = await ModelAsync();
        Assert.Null(await EnvironmentAsync(without, "api", variable));

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

    private Task<IDistributedApplicationTestingBuilder> ModelAsync(params string[] args) =>
        DistributedApplicationTestingBuilder.CreateAsync<Projects.Router_AppHost>(["--Router:StateDirectory=" + _state.Path, .. args], Cancellation);

    private static IEnumerable<WaitAnnotation> Waits(IDistributedApplicationTestingBuilder builder, string resource) =>
        builder.Resources.Single(r => r.Name == resource).Annotations.OfType<WaitAnnotation>();

    private static async Task<string?> EnvironmentAsync(IDistributedApplicationTestingBuilder builder, string resource, string variable) =>
        (await EnvironmentAsync(builder, (IResourceWithEnvironment)builder.Resources.Single(r => r.Name == resource))).GetValueOrDefault(variable) switch
        {
            IValueProvider value => await value.GetValueAsync(Cancellation),
            var value => value?.ToString(),
        };

    private static async Task<Dictionary<string, object>> EnvironmentAsync(IDistributedApplicationTestingBuilder builder, IResourceWithEnvironment resource)
    {
        Dictionary<string, object> variables = [];
        var context = new EnvironmentCallbackContext(builder.ExecutionContext, resource, variables, Cancellation);
        foreach (var annotation in resource.Annotations.OfType<EnvironmentCallbackAnnotation>())
        {
            try
            {
                await annotation.Callback(context);
            }
            catch (InvalidOperationException)
            {
                // Aspire's own callbacks ask for addresses, which only a started model has.
            }
        }

        return variables;
    }
}
