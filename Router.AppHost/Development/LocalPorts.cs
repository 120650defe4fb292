using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.Extensions.Configuration;

namespace Router.AppHost.Development;

/// <summary>
/// The ports of a developer's run: the ones in the launch profiles where they are free, else others, which are kept for the next start.
/// Aspire does not notice that another program has a port, and that program would answer in the service's place.
/// </summary>
internal static class LocalPorts
{
    /// <summary>The API's port, chosen by the developer.</summary>
    public const string Setting = "Router:Port";

    // Below what the kernel gives to outgoing connections, so that a port stays free between two starts.
    private const int FirstOther = 20_100;
    private const int LastOther = 31_999;

    private static readonly string[] s_dashboard = ["ASPNETCORE_URLS", "ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL", "ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL"];

    private static readonly List<string> s_replaced = [];

    /// <summary>Sees to the dashboard's ports, and to the one that the developer chose.</summary>
    public static StartFault? ChoosePorts(this IDistributedApplicationBuilder builder)
    {
        var configuration = builder.Configuration;
        if (configuration[Setting] is { Length: > 0 } chosen && IsTaken(int.Parse(chosen, CultureInfo.InvariantCulture)))
            return new($"Port {chosen}, which Router__Port names, is taken by another program.");
        if (builder.IsTemporary()) return null;

        foreach (var setting in s_dashboard)
        {
            // Several addresses may stand there; the first is the one that is told.
            if (!Uri.TryCreate(configuration[setting]?.Split(';')[0], UriKind.Absolute, out var url)) continue;
            if (Choose(configuration, Purpose(setting), url.Port) is var port && port != url.Port)
                configuration[setting] = $"{url.Scheme}://{url.Host}:{port}";
        }

        return null;
    }

    /// <summary>Sees to the services' ports.</summary>
    public static void ChooseServicePorts(this IDistributedApplicationBuilder builder)
    {
        if (builder.IsTemporary()) return;
        foreach (var project in builder.Resources.OfType<ProjectResource>())
        {
            foreach (var endpoint in project.Annotations.OfType<EndpointAnnotation>())
            {
                if (endpoint.Port is not { } usual) continue;
                endpoint.Port = project.Name == "api" && builder.Configuration[Setting] is { Length: > 0 } chosen
                    ? int.Parse(chosen, CultureInfo.InvariantCulture)
                    : Choose(builder.Configuration, project.Name, usual);
            }
        }

        if (s_replaced.Count > 0) Console.WriteLine($"Other programs have the usual ports. Now and at the next start: {string.Join(", ", s_replaced)}.");
        s_replaced.Clear();
    }

    /// <summary>True when either loopback address has a listener: a service binds both.</summary>
    public static bool IsTaken(int port) =>
        IsTaken(IPAddress.Loopback, port) || (Socket.OSSupportsIPv6 && IsTaken(IPAddress.IPv6Loopback, port));

    private static int Choose(IConfiguration configuration, string purpose, int usual)
    {
        var file = Path.Combine(StateDirectory.OfRun(configuration), "ports.json");
        var kept = Read(file);
        if (kept.TryGetValue(purpose, out var former) && !IsTaken(former)) return former;
        if (!IsTaken(usual)) return usual;

        var other = Free(kept.Values);
        kept[purpose] = other;
        File.WriteAllText(file, JsonSerializer.Serialize(kept));
        s_replaced.Add($"{purpose} {other} (not {usual})");
        return other;
    }

    private static SortedDictionary<string, int> Read(string file)
    {
        try
        {
            return File.Exists(file) ? JsonSerializer.Deserialize<SortedDictionary<string, int>>(File.ReadAllBytes(file)) ?? [] : [];
        }
        catch (JsonException)
        {
            // Nothing is lost but a habit.
            return [];
        }
    }

    private static int Free(IEnumerable<int> kept)
    {
        for (var attempt = 0; attempt < 1_000; attempt++)
        {
            var port = Random.Shared.Next(FirstOther, LastOther + 1);
            if (!IsTaken(port) && !kept.Contains(port)) return port;
        }

        throw new DistributedApplicationException($"No free port found between {FirstOther} and {LastOther}.");
    }

    private static bool IsTaken(IPAddress address, int port)
    {
        using var listener = new TcpListener(address, port);
        try
        {
            listener.Start();
            return false;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied;
        }
    }

    private static string Purpose(string setting) => setting switch
    {
        "ASPNETCORE_URLS" => "dashboard",
        "ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL" => "telemetry",
        _ => "resources",
    };
}
