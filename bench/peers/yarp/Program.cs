// A reverse proxy that looks at nothing: what the platform's own proxy costs on the same machine.
using Yarp.ReverseProxy.Configuration;

WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
string provider = builder.Configuration["provider"] ?? throw new InvalidOperationException("--provider is the address to forward to.");
RouteConfig everything = new() { RouteId = "everything", ClusterId = "provider", Match = new RouteMatch { Path = "{**path}" } };
ClusterConfig cluster = new()
{
    ClusterId = "provider",
    Destinations = new Dictionary<string, DestinationConfig> { ["only"] = new DestinationConfig { Address = provider } },
};
builder.Services.AddReverseProxy().LoadFromMemory([everything], [cluster]);
WebApplication app = builder.Build();
app.MapReverseProxy();
app.Run();
