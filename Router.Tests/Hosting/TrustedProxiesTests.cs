using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Router.Api.Hosting;

namespace Router.Tests.Hosting;

public sealed class TrustedProxiesTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null, "203.0.113.9", "127.0.0.1")]
    [InlineData("10.0.0.0/8", "203.0.113.9", "127.0.0.1")]
    [InlineData("127.0.0.1", "203.0.113.9", "203.0.113.9")]
    [InlineData("127.0.0.0/8, 10.0.0.0/8", "198.51.100.1, 203.0.113.9, 10.1.2.3", "203.0.113.9")]
    [InlineData("127.0.0.1", "nonsense", "127.0.0.1")]
    public async Task Only_a_proxy_that_is_named_says_where_a_request_comes_from(string? trusted, string forwarded, string seen)
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration["Router:Server:TrustedProxies"] = trusted;
        builder.AddTrustedProxies();
        await using WebApplication app = builder.Build();
        app.UseTrustedProxies();
        app.Run(context => context.Response.WriteAsync(context.Connection.RemoteIpAddress!.ToString(), Token));
        await app.StartAsync(Token);
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()), DefaultRequestHeaders = { { "X-Forwarded-For", forwarded } } };
        Assert.Equal(seen, await client.GetStringAsync("/", Token));
    }

    [Theory]
    [InlineData("proxy.example")]
    [InlineData("10.0.0.0/99")]
    [InlineData("10.0.0.1,*")]
    public void What_is_no_address_and_no_network_is_named(string text) =>
        Assert.Contains("is neither", Assert.Throws<OptionsValidationException>(() => TrustedProxies.Parse(text)).Message, StringComparison.Ordinal);
}
