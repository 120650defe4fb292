using System.Net;
using Microsoft.Extensions.Configuration;

namespace Router.Core.Providers;

/// <summary>
/// The one transport to providers. It shares nothing between tenants and adds nothing of its own: no cookies, no
/// redirects that would carry a key away, no proxy from the environment, no retries, and no trace headers to third
/// parties unless <c>Router:Telemetry:PropagateToProviders</c> says so.
/// </summary>
public sealed class ProviderHttp : IDisposable
{
    public ProviderHttp(IConfiguration? configuration = null)
        : this(new ProviderSpanHandler(CreateHandler(), configuration is not null && configuration.GetValue("Router:Telemetry:PropagateToProviders", false)))
    {
    }

    internal ProviderHttp(HttpMessageHandler handler) => Invoker = new HttpMessageInvoker(handler);

    public HttpMessageInvoker Invoker { get; }

    public void Dispose() => Invoker.Dispose();

    private static SocketsHttpHandler CreateHandler() => new()
    {
        UseCookies = false,
        AllowAutoRedirect = false,
        UseProxy = false,
        AutomaticDecompression = DecompressionMethods.None,
        EnableMultipleHttp2Connections = true,
        ConnectTimeout = TimeSpan.FromSeconds(10),
        // New connections see a provider's DNS changes within this time.
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        PooledConnectionIdleTimeout = TimeSpan.FromMinutes(2),
        // An answer nobody wants any more is cut off at once: draining it would keep the provider generating, and billing.
        MaxResponseDrainSize = 0,
        // Without one the runtime makes no spans of these calls, and sends no ids: both is ProviderSpanHandler's.
        ActivityHeadersPropagator = null,
    };
}
