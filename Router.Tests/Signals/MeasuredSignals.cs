using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;
using Router.Core.Health;
using Router.Core.Keys;
using Router.Core.Providers;
using Router.Core.Telemetry;
using Router.Core.Usage;
using Router.Tests.Support;
using Router.Worker.Revalidation;

namespace Router.Tests.Signals;

/// <summary>
/// Runs the real code until every instrument of the router has measured something, and keeps what the measurements carried. What
/// documents and dashboards say of metrics is held to this, not to a list.
/// </summary>
public sealed class MeasuredSignals(PostgresFixture postgres) : IAsyncLifetime
{
    private readonly ConcurrentDictionary<Instrument, ConcurrentDictionary<string, bool>> _seen = new();
    private readonly Pipeline _pipeline = new();
    private readonly string _spool = Path.Combine(Path.GetTempPath(), $"router-signals-{Guid.NewGuid():N}");

    /// <summary>The router's own.</summary>
    internal IReadOnlyList<Signal> Router { get; private set; } = [];

    /// <summary>The server's: requests as ASP.NET Core measures them.</summary>
    internal IReadOnlyList<Signal> Server { get; private set; } = [];

    /// <summary>The same as the process' own endpoint for Prometheus gives it.</summary>
    internal string Scraped { get; private set; } = "";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Name == RouterTelemetry.Name || instrument.Name == "http.server.request.duration")
                {
                    _seen.TryAdd(instrument, []);
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, _, tags, _) => See(instrument, tags));
        listener.SetMeasurementEventCallback<int>((instrument, _, tags, _) => See(instrument, tags));
        listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => See(instrument, tags));
        listener.Start();
        await using WebApplication scraped = await PrometheusHost.StartAsync(("Router:Telemetry:PrometheusAnonymous", "true"));
        await _pipeline.InitializeAsync();
        await using NpgsqlDataSource database = await postgres.CreateDatabaseAsync(Token);
        await ChatAsync();
        await ChangeStateAsync(database);
        await CheckKeyAsync(database);
        await RecordUsageAsync(database);
        Overflow();
        SampleTooMany();
        listener.RecordObservableInstruments();
        await Eventually.HoldsAsync(() => Unmeasured().Count == 0, TimeSpan.FromSeconds(20), Token);
        Scraped = await PrometheusHost.ScrapeAsync(scraped, Token);
        Router = Signals(instrument => instrument.Meter.Name == RouterTelemetry.Name);
        Server = Signals(instrument => instrument.Meter.Name != RouterTelemetry.Name);
    }

    public async ValueTask DisposeAsync()
    {
        await _pipeline.DisposeAsync();
        if (Directory.Exists(_spool))
        {
            Directory.Delete(_spool, recursive: true);
        }
    }

    private void See(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        ConcurrentDictionary<string, bool> names = _seen[instrument];
        // Empty marks that there was a measurement.
        names[""] = true;
        foreach (KeyValuePair<string, object?> tag in tags)
        {
            names[tag.Key] = true;
        }
    }

    /// <summary>Observed instruments exist once for every host of this process, dead ones included: any of a name will do.</summary>
    private List<string> Unmeasured() =>
        [.. _seen.GroupBy(pair => pair.Key.Name).Where(group => group.All(pair => pair.Value.IsEmpty)).Select(group => group.Key)];

    private List<Signal> Signals(Func<Instrument, bool> which) =>
    [
        .. from pair in _seen
           where which(pair.Key)
           group pair by (pair.Key.Name, Kind: Signal.KindOf(pair.Key), Unit: pair.Key.Unit ?? "") into same
           select new Signal(same.Key.Name, same.Key.Kind, same.Key.Unit, same.SelectMany(pair => pair.Value.Keys).Where(tag => tag.Length > 0).ToHashSet()),
    ];

    /// <summary>A stream that is rescued, then the same again, where the key is known to be dead; and a limit asked.</summary>
    private async Task ChatAsync()
    {
        var health = new CredentialHealth(new SnapshotCache(), TimeProvider.System, new HealthOutbox());
        await using ApiHost host = await ApiHost.StartAsync(_pipeline.Simulator.BaseAddress!.ToString(), health, ("Router:Limits:TokensPerMinute", "1000000"));
        const string body = """{"model":"openai/gpt-4o","stream":true,"messages":[{"role":"user","content":"Hi"}],"provider_credentials":{"openai":{"api_key":"sim-invalid"}}}""";
        for (int i = 0; i < 2; i++)
        {
            using HttpResponseMessage response = await host.Client.PostAsync("/v1/chat/completions", new StringContent(body, Encoding.UTF8, "application/json"), Token);
            Assert.EndsWith("data: [DONE]\n\n", await response.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        }

        using HttpResponseMessage unpriced = await host.Client.PostAsync("/v1/chat/completions", new StringContent(body.Replace("gpt-4o", "nobody-prices-it", StringComparison.Ordinal), Encoding.UTF8, "application/json"), Token);
        Assert.True(unpriced.IsSuccessStatusCode);
    }

    private static async Task ChangeStateAsync(NpgsqlDataSource database)
    {
        await using ControlPlaneHost host = await ControlPlaneHost.StartAsync(database, Token);
        using HttpClient client = host.Client();
        using HttpResponseMessage response = await client.PutAsync("/api/workspaces/default/provider-keys/openai", new StringContent("""{"api_key":"sk-signals"}""", Encoding.UTF8, "application/json"), Token);
        Assert.True(response.IsSuccessStatusCode);
    }

    /// <summary>The worker finds that a key went bad.</summary>
    private static async Task CheckKeyAsync(NpgsqlDataSource database)
    {
        MasterKeyRing ring = TestKeys.Ring();
        await TestKeys.ProviderKeys(database, ring).SaveAsync("default", "groq", new("gsk-signals"), TestKeys.Verdict(next: TimeSpan.Zero), Token);
        using var service = new RevalidationService(
            new KeyCheckStore(database), TestKeys.Rechecker(database, ring, new FakeKeyChecker(KeyCheckOutcome.Invalid)), Options.Create(new RevalidationOptions()), TimeProvider.System, NullLogger<RevalidationService>.Instance);
        Assert.Equal(1, await service.RunOnceAsync(Token));

        // And what a replica observes of the keys, while it lives.
        var cache = new SnapshotCache();
        using SnapshotRefresher refresher = TestKeys.Refresher(cache, database, ring, TimeProvider.System);
        await refresher.RefreshAsync(Token);
    }

    private async Task RecordUsageAsync(NpgsqlDataSource database)
    {
        IConfiguration configuration = new ConfigurationBuilder().AddInMemoryCollection([new("Router:Usage:SpoolDirectory", _spool)]).Build();
        await using ServiceProvider services = new ServiceCollection().AddSingleton(database).AddUsageRecords(configuration).BuildServiceProvider();
        UsageQueue queue = services.GetRequiredService<UsageQueue>();
        var spool = new UsageSpool(_spool, 1_000_000, TimeProvider.System);
        queue.Add(Usage.UsageWriterTests.Make(1));
        using var writer = new UsageWriter(queue, new UsageStore(database), spool, new SpoolState(NullLogger<SpoolState>.Instance), Options.Create(new UsageOptions()), TimeProvider.System, NullLogger<UsageWriter>.Instance);
        await writer.FlushAsync();
        await spool.PutAsync([Usage.UsageWriterTests.Make(2)], Token);
        // A line that is no record is lost.
        await File.AppendAllTextAsync(spool.Files()[0], "nonsense\n", Token);
        await UsageSpool.ReadAsync(spool.Files()[0], Token);
    }

    private static void SampleTooMany()
    {
        var sampler = new TraceRateSampler(1, TimeProvider.System);
        for (int i = 0; i < 10; i++)
        {
            sampler.ShouldSample(default);
        }
    }

    private static void Overflow()
    {
        var outbox = new HealthOutbox();
        for (int i = 0; i <= 4096; i++)
        {
            outbox.RequestRecheck(new(Guid.Empty, "default", 1, null));
        }
    }
}
