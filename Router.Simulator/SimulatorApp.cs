using Router.Simulator.Faults;
using Router.Simulator.Journal;

namespace Router.Simulator;

/// <summary>
/// Scripted providers over real HTTP: every provider's wire dialect, its key errors and its bad days.
/// </summary>
public static class SimulatorApp
{
    /// <summary>Builds the server; the caller runs it, or starts it in-process (<c>--urls http://127.0.0.1:0</c>).</summary>
    public static WebApplication Build(string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null;
            // A scripted stall is slower than any minimum rate.
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
        });
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<FaultBook>();
        builder.Services.AddSingleton(new RequestJournal(
            keepBodies: !string.Equals(builder.Configuration["SIMULATOR_JOURNAL"], "off", StringComparison.OrdinalIgnoreCase)));
        builder.Services.AddSingleton<ProviderEndpoint>();

        var app = builder.Build();
        app.MapGet("/health", () => "Healthy");
        app.MapGet("/alive", () => "Healthy");
        ControlEndpoints.Map(app);
        var provider = app.Services.GetRequiredService<ProviderEndpoint>();
        app.Map("/{provider}/{**rest}", provider.HandleAsync);
        return app;
    }
}
