using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Routing;
using Router.Tests.Support;

namespace Router.Tests.Auth;

public sealed class ApiDescriptionRoutesTests(PostgresFixture postgres)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_mapped_route_is_described_and_nothing_that_is_not_mapped()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await using var host = await ControlPlaneHost.StartAsync(database, Token);
        using var client = host.Client(null);
        var description = await client.GetFromJsonAsync<JsonElement>("/openapi/v1.json", Token);
        var mapped = host.Routes
            .Where(route => !route.RoutePattern.RawText!.Contains("scalar", StringComparison.Ordinal) && !route.RoutePattern.RawText.Contains("openapi", StringComparison.Ordinal))
            .SelectMany(route => (route.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["GET"])
                .Select(method => $"{method} /{route.RoutePattern.RawText!.Replace(":int", "", StringComparison.Ordinal).Trim('/')}".ToUpperInvariant()));
        var described = description.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Select(operation => $"{operation.Name} {path.Name}".ToUpperInvariant()));
        Assert.Equal(mapped.Distinct().Order(StringComparer.Ordinal), described.Order(StringComparer.Ordinal));
    }
}
