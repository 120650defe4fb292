using System.Net;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;
using IPNetwork = System.Net.IPNetwork;

namespace Router.Api.Hosting;

/// <summary>
/// <c>Router:Server:TrustedProxies</c>: the proxies, by address or network, that are believed when they say whose request they pass on
/// (<c>X-Forwarded-For</c>, <c>X-Forwarded-Proto</c>). From everybody else these headers mean nothing. Where none is named, nothing is added to a request's way.
/// </summary>
internal static class TrustedProxies
{
    private const string Setting = "Router:Server:TrustedProxies";

    public static WebApplicationBuilder AddTrustedProxies(this WebApplicationBuilder builder)
    {
        string? text = builder.Configuration[Setting];
        if (string.IsNullOrWhiteSpace(text))
        {
            return builder;
        }

        List<IPNetwork> networks = Parse(text);
        // After ASPNETCORE_FORWARDEDHEADERS_ENABLED, which would believe everybody.
        builder.Services.PostConfigure<ForwardedHeadersOptions>(options =>
        {
            options.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
            // As far as the chain is one of trusted proxies.
            options.ForwardLimit = null;
            options.KnownProxies.Clear();
            options.KnownIPNetworks.Clear();
            networks.ForEach(options.KnownIPNetworks.Add);
        });
        return builder;
    }

    /// <summary>First of all, so that all that follows sees the caller's address. A chain that ASP.NET's own variable has read is not read again.</summary>
    public static IApplicationBuilder UseTrustedProxies(this WebApplication app) =>
        string.IsNullOrWhiteSpace(app.Configuration[Setting]) || app.Configuration.GetValue<bool>("FORWARDEDHEADERS_ENABLED") ? app : app.UseForwardedHeaders();

    /// <exception cref="OptionsValidationException">An entry is neither.</exception>
    internal static List<IPNetwork> Parse(string text)
    {
        var networks = new List<IPNetwork>();
        foreach (string entry in text.Split([',', ' ', ';'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (IPAddress.TryParse(entry, out IPAddress? address))
            {
                networks.Add(new IPNetwork(address, address.GetAddressBytes().Length * 8));
            }
            else if (IPNetwork.TryParse(entry, out IPNetwork network))
            {
                networks.Add(network);
            }
            else
            {
                throw new OptionsValidationException(Setting, typeof(string), [$"Router__Server__TrustedProxies names addresses and networks, such as 10.0.0.0/8,192.0.2.7; '{entry}' is neither."]);
            }
        }

        return networks;
    }
}
