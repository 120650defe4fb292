using System.Net;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Routing;
using Router.Core.Keys;
using Router.Tests.Support;

namespace Router.Tests.Auth;

/// <summary>Who must not get in, on every route of the control plane there is: a new route cannot be forgotten here.</summary>
public sealed class RefusalTests(PostgresFixture postgres)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nobody_gets_in_without_the_right_key()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await using var host = await ControlPlaneHost.StartAsync(database, Token, args: "--Router:Limits:FailedKeysPerMinute=0");
        var (own, caller, revoked) = (RouterKeyToken.Generate(), RouterKeyToken.Generate(), RouterKeyToken.Generate());
        var (workspaces, keys) = (new WorkspaceStore(database), new RouterKeyStore(database));
        await workspaces.CreateAsync("other", "Other", Token);
        await keys.CreateAsync("other", "manager", RouterKeyPermissions.Manage | RouterKeyPermissions.Inference, own, Token);
        await keys.CreateAsync("default", "caller", RouterKeyPermissions.Inference, caller, Token);
        await keys.CreateAsync("default", "revoked", RouterKeyPermissions.Manage, revoked, Token);
        await keys.RevokeAsync("default", revoked.Id, Token);
        await Eventually.HoldsAsync(() => host.Snapshot.RouterKeys.ContainsKey(caller.Id) && !host.Snapshot.RouterKeys.ContainsKey(revoked.Id), TimeSpan.FromSeconds(2), Token);

        var routes = host.Routes.Where(route => route.RoutePattern.RawText!.StartsWith("/api/", StringComparison.Ordinal))
            .SelectMany(route => route.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods, (route, method) => (Method: new HttpMethod(method), Path: Fill(route.RoutePattern.RawText!)))
            .ToArray();
        Assert.True(routes.Length >= 14, $"Only {routes.Length} routes were found.");
        var client = host.Client(key: null);
        foreach (var (method, path) in routes)
        {
            foreach (var (who, header) in new (string, AuthenticationHeaderValue?)[]
            {
                ("nobody", null),
                ("a wrong admin key", new("Bearer", ControlPlaneHost.AdminKey + "x")),
                ("a shortened admin key", new("Bearer", ControlPlaneHost.AdminKey[..^1])),
                ("an empty password", new("Basic", Convert.ToBase64String("admin:"u8))),
                ("a key that may only call models", new("Bearer", caller.Reveal())),
                ("a revoked key", new("Bearer", revoked.Reveal())),
                ("another's id with an own secret", new("Bearer", $"rk_{caller.Id}_{own.Reveal().Split('_')[2]}")),
            })
            {
                Assert.True(HttpStatusCode.Unauthorized == await SendAsync(client, method, path, header), $"{method} {path} let in {who}.");
            }

            if (path.Contains("/default", StringComparison.Ordinal))
                Assert.True(HttpStatusCode.NotFound == await SendAsync(client, method, path, new("Bearer", own.Reveal())), $"{method} {path} let in another workspace's key.");
        }

        // The door does open.
        Assert.Equal(HttpStatusCode.OK, await SendAsync(client, HttpMethod.Get, "/api/workspaces/default", new("Bearer", ControlPlaneHost.AdminKey)));
        Assert.NotNull(await workspaces.FindAsync("default", Token));
    }

    private static async Task<HttpStatusCode> SendAsync(HttpClient client, HttpMethod method, string path, AuthenticationHeaderValue? authorization)
    {
        using var request = new HttpRequestMessage(method, path) { Headers = { Authorization = authorization } };
        if (method == HttpMethod.Put || method == HttpMethod.Post)
            request.Content = new StringContent("{}", System.Text.Encoding.UTF8, "application/json");
        using var response = await client.SendAsync(request, Token);
        return response.StatusCode;
    }

    private static string Fill(string pattern) => pattern.Replace("{ws}", "default", StringComparison.Ordinal).Replace("{provider}", "openai", StringComparison.Ordinal).Replace("{id}", "x", StringComparison.Ordinal);
}
