using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Router.AppHost.Development;

namespace Router.Tests.AppHost;

/// <summary>What a start that cannot be says: one sentence, before anything is started.</summary>
public sealed class StartChecksTests : IDisposable
{
    private readonly TemporaryDirectory _state = new();

    public void Dispose() => _state.Dispose();

    [Theory]
    [InlineData("--Router:Replica=2", "The setting Router__Replica is unknown. Did you mean Router__Replicas?")]
    [InlineData("--Router:Timeout:Header=00:00:05", "The setting Router__Timeout__Header is unknown. Did you mean Router__Timeouts__Header?")]
    [InlineData("--Router:Providers:openai:ApiKy=sk-1", "The setting Router__Providers__openai__ApiKy is unknown. Did you mean Router__Providers__openai__ApiKey?")]
    [InlineData("--Router:Zebra=1", "The setting Router__Zebra is unknown.")]
    [InlineData("--Router:Replicas=many", "Router__Replicas is \"many\". It takes a number from 1 to 100.")]
    [InlineData("--Router:Port=70000", "Router__Port is \"70000\". It takes a number from 1 to 65535.")]
    [InlineData("--Parameters:router-key=secret-of-mine", "The parameter router-key is malformed. It has the form rk_<id>_<secret>.")]
    [InlineData("--Parameters:admin-key=   ", "The parameter admin-key is too short. Give at least 16 characters, or leave it out to have one made.")]
    public void A_wrong_setting_is_named(string argument, string said) => Assert.Equal(said, Fault(argument)?.Reason);

    [Theory]
    [InlineData("no-colon-here")]
    [InlineData("k1:dG9vIHNob3J0")]
    public void A_malformed_master_key_is_refused_and_not_shown(string key)
    {
        var said = Fault("--Parameters:master-key=" + key)!.Reason;
        Assert.StartsWith("The parameter master-key is malformed: ", said, StringComparison.Ordinal);
        Assert.DoesNotContain(key, said, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_file_of_secrets_is_not_replaced()
    {
        var file = Path.Combine(_state.Path, "secrets.json");
        File.WriteAllText(file, """{"master-key":""");
        Assert.StartsWith(file + " is damaged.", Fault()!.Reason, StringComparison.Ordinal);
        Assert.Equal("""{"master-key":""", File.ReadAllText(file));
    }

    [Fact]
    public void A_directory_that_cannot_be_written_is_named_with_the_remedy()
    {
        var file = Path.Combine(_state.Path, "file");
        File.WriteAllText(file, "");
        Assert.Equal(
            $"{file}/state cannot be written by {Environment.UserName}. Set Router__StateDirectory to a directory that can.",
            Fault("--Router:StateDirectory=" + file + "/state")!.Reason);
    }

    [Fact]
    public void The_second_start_says_who_runs()
    {
        var (first, _) = StateLock.Take(_state.Path);
        using (first)
        {
            first!.Announce("http://localhost:5100");
            Assert.StartsWith($"Router already runs from this checkout (process {Environment.ProcessId}), at http://localhost:5100.", Fault()!.Reason, StringComparison.Ordinal);
        }

        Assert.Null(Fault());
    }

    [Fact]
    public void A_chosen_port_that_is_taken_is_a_fault()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
        Assert.Equal($"Port {port}, which Router__Port names, is taken by another program.", Fault("--Router:Port=" + port)!.Reason);
    }

    [Fact]
    public void A_usual_port_that_is_taken_is_replaced_by_one_that_is_kept()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var taken = ((IPEndPoint)other.LocalEndpoint).Port;
        string[] args = [$"--ASPNETCORE_URLS=http://localhost:{taken}"];

        string first = Dashboard();
        Assert.NotEqual(taken, new Uri(first).Port);
        other.Stop();
        Assert.Equal(first, Dashboard());

        string Dashboard()
        {
            var builder = Builder(args);
            Assert.Null(builder.FindStartFault());
            GiveBackLock(builder);
            return builder.Configuration["ASPNETCORE_URLS"]!;
        }
    }

    private StartFault? Fault(params string[] args)
    {
        var builder = Builder(args);
        var fault = builder.FindStartFault();
        GiveBackLock(builder);
        return fault;
    }

    private static void GiveBackLock(IDistributedApplicationBuilder builder)
    {
        using var app = builder.Build();
        app.Services.GetService<StateLock>()?.Dispose();
    }

    private IDistributedApplicationBuilder Builder(string[] args) =>
        DistributedApplication.CreateBuilder(["--Router:StateDirectory=" + _state.Path, .. args]);
}
