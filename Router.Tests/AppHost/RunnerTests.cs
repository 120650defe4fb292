#if !USE_ASPIRE
using System.Net;
using System.Net.Sockets;
using Router.AppHost.Embedded;

namespace Router.Tests.AppHost;

/// <summary>The parts of the embedded runner, without the services.</summary>
public sealed class RunnerTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void A_free_port_is_given_out_once()
    {
        var ports = Enumerable.Range(0, 200).Select(_ => Ports.Free()).ToList();
        Assert.Equal(ports.Count, ports.Distinct().Count());
    }

    [Fact]
    public void A_port_with_a_listener_is_taken()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        Assert.True(Ports.IsTaken(((IPEndPoint)listener.LocalEndpoint).Port));
        Assert.False(Ports.IsTaken(Ports.Free()));
    }

    [Fact]
    public void A_second_lock_on_a_state_directory_says_who_has_it_and_an_ended_one_frees_it()
    {
        using var state = new TemporaryDirectory();
        using (var first = StateLock.Take(state.Path))
        {
            first.Announce("http://localhost:5100");
            var refusal = Assert.Throws<DistributedApplicationException>(() => StateLock.Take(state.Path));
            Assert.Contains($"pid {Environment.ProcessId}, API at http://localhost:5100", refusal.Message, StringComparison.Ordinal);
        }

        StateLock.Take(state.Path).Dispose();
    }

    [Fact]
    public void Resources_stop_in_waves_and_the_database_server_last()
    {
        var builder = DistributedApplication.CreateBuilder([]);
        var postgres = builder.AddPostgres("postgres");
        var database = postgres.AddDatabase("db");
        var api = builder.AddProject<Projects.Router_Api>("api").WithReference(database).WaitFor(database);

        var waves = StopOrder.Groups([new Idle(postgres.Resource), new Idle(database.Resource), new Idle(api.Resource)]);

        Assert.Equal([["api"], ["db"], ["postgres"]], waves.Select(w => w.Select(r => r.Name).ToArray()));
    }

    [Fact]
    public async Task A_wait_fails_with_the_reason_when_its_resource_cannot_start()
    {
        var notifications = new ResourceNotificationService();
        var wait = notifications.WaitForResourceHealthyAsync("api", Cancellation);
        notifications.Publish("api", new(KnownResourceStates.FailedToStart, Error: "api exited with code 3"));
        Assert.Equal("api exited with code 3", (await Assert.ThrowsAsync<DistributedApplicationException>(() => wait)).Message);
    }

    [Fact]
    public async Task A_published_program_runs_in_place_of_the_built_one()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The embedded runner needs Linux or macOS.");
        using var directory = new TemporaryDirectory();
        var program = Path.Combine(directory.Path, "Simulator");
        await File.WriteAllTextAsync(program, $"#!/bin/sh\necho published\nexec '{Executables.Dotnet()}' '{typeof(global::Router.Simulator.SimulatorApp).Assembly.Location}' \"$@\"\n", Cancellation);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        await using var app = SimulatorWith(program);
        await app.StartAsync(Cancellation);
        await app.ResourceNotifications.WaitForResourceHealthyAsync("simulator", Cancellation).WaitAsync(TimeSpan.FromSeconds(60), Cancellation);
        Assert.Contains("published", app.GetLogLines("simulator"));
        await app.StopAsync(Cancellation);
    }

    [Fact]
    public async Task A_published_program_that_is_not_there_says_what_named_it()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The embedded runner needs Linux or macOS.");
        await using var app = SimulatorWith("/nowhere/Simulator");
        await Task.WhenAny(app.StartAsync(Cancellation));
        var failure = await Assert.ThrowsAsync<DistributedApplicationException>(() => app.ResourceNotifications.WaitForResourceHealthyAsync("simulator", Cancellation).WaitAsync(TimeSpan.FromSeconds(60), Cancellation));
        Assert.Contains("/nowhere/Simulator is missing. Router:Programs names it.", failure.Message, StringComparison.Ordinal);
    }

    private static DistributedApplication SimulatorWith(string program)
    {
        var builder = DistributedApplication.CreateBuilder([$"--{RunSettings.RandomizePortsKey}=true", $"--Router:Programs:simulator={program}"]);
        builder.AddProject<Projects.Router_Simulator>("simulator").WithHttpHealthCheck("/health");
        return builder.Build();
    }

    [Fact]
    public async Task The_forwarder_takes_turns_and_passes_over_a_replica_that_refuses()
    {
        using var one = new TcpListener(IPAddress.Loopback, 0);
        using var two = new TcpListener(IPAddress.Loopback, 0);
        one.Start();
        two.Start();
        var port = Ports.Free();
        var forwarder = new Forwarder(port, [Address(one), new($"http://127.0.0.1:{Ports.Free()}"), Address(two)]);
        forwarder.Start();

        Assert.Equal("1", await ExchangeAsync(port, one, "1"));
        Assert.Equal("2", await ExchangeAsync(port, two, "2"));
        Assert.Equal("3", await ExchangeAsync(port, one, "3"));
        forwarder.Stop();
    }

    private static Uri Address(TcpListener listener) => new($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");

    private static async Task<string> ExchangeAsync(int port, TcpListener replica, string text)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port, Cancellation);
        using var server = await replica.AcceptTcpClientAsync(Cancellation);
        using (var writer = new StreamWriter(server.GetStream()))
            await writer.WriteAsync(text);
        using var reader = new StreamReader(client.GetStream());
        return await reader.ReadToEndAsync(Cancellation);
    }

    private sealed class Idle(IResource resource) : IRunnable
    {
        public string Name => resource.Name;

        public IResource Resource => resource;

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync() => Task.CompletedTask;

        public void Signal(string name) => throw new NotSupportedException();
    }
}
#endif
