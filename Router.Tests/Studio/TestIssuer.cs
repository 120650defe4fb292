using System.Collections.Concurrent;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Router.Tests.Studio;

/// <summary>An OpenID provider over real HTTP: discovery, keys, authorization by code with PKCE, signed ID tokens.</summary>
internal sealed class TestIssuer : IAsyncDisposable
{
    public const string ClientId = "router-studio";
    public const string ClientSecret = "client-secret-of-the-tests";

    private readonly RsaSecurityKey _key = new(RSA.Create(2048)) { KeyId = "test" };
    private readonly ConcurrentDictionary<string, (string Nonce, string Challenge)> _codes = new();
    private readonly WebApplication _app;

    private TestIssuer()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.MapGet("/.well-known/openid-configuration", () => Results.Json(new Dictionary<string, object>
        {
            ["issuer"] = Authority,
            ["authorization_endpoint"] = $"{Authority}/authorize",
            ["token_endpoint"] = $"{Authority}/token",
            ["jwks_uri"] = $"{Authority}/keys",
        }));
        _app.MapGet("/keys", () =>
        {
            var jwk = JsonWebKeyConverter.ConvertFromRSASecurityKey(_key);
            return Results.Json(new { keys = new[] { new { kty = jwk.Kty, kid = jwk.Kid, n = jwk.N, e = jwk.E, alg = "RS256", use = "sig" } } });
        });
        _app.MapGet("/authorize", (HttpRequest request) =>
        {
            var code = RandomNumberGenerator.GetHexString(20);
            _codes[code] = (request.Query["nonce"]!, request.Query["code_challenge"]!);
            return Results.Redirect($"{request.Query["redirect_uri"]}?code={code}&state={Uri.EscapeDataString(request.Query["state"]!)}");
        });
        _app.MapPost("/token", async (HttpRequest request) =>
        {
            var form = await request.ReadFormAsync();
            var challenge = Base64UrlEncoder.Encode(SHA256.HashData(Encoding.ASCII.GetBytes(form["code_verifier"].ToString())));
            if (form["client_secret"] != ClientSecret || !_codes.TryRemove(form["code"].ToString(), out var granted) || granted.Challenge != challenge)
                return Results.Json(new { error = "invalid_grant" }, statusCode: 400);
            var identity = new ClaimsIdentity([new("sub", "user-1"), new("email", "ada@example.com"), new("nonce", granted.Nonce), .. Groups.Select(group => new Claim("groups", group))]);
            var token = new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
            {
                Issuer = Authority,
                Audience = ClientId,
                Subject = identity,
                Expires = DateTime.UtcNow.AddMinutes(5),
                SigningCredentials = new SigningCredentials(SignWith ?? _key, SecurityAlgorithms.RsaSha256),
            });
            return Results.Json(new { access_token = "unused", token_type = "Bearer", expires_in = 300, id_token = token });
        });
    }

    /// <summary>What the next token says the user belongs to.</summary>
    public string[] Groups { get; set; } = [];

    /// <summary>Another key than the published one, for a forged token.</summary>
    public RsaSecurityKey? SignWith { get; set; }

    public string Authority => _app.Urls.First();

    public static async Task<TestIssuer> StartAsync(CancellationToken cancellationToken)
    {
        var issuer = new TestIssuer();
        await issuer._app.StartAsync(cancellationToken);
        return issuer;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}
