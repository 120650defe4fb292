using System.Buffers.Text;
using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.WebUtilities;
using Router.Simulator.Keys;
using Router.Simulator.Wire;

namespace Router.Simulator.OAuth;

/// <summary>
/// The token endpoint of service accounts. It knows no public keys, so it checks an assertion's shape and claims, not its signature.
/// </summary>
internal static class TokenEndpoint
{
    private const string GrantType = "urn:ietf:params:oauth:grant-type:jwt-bearer";
    private const int MaxLifetimeSeconds = 3600;
    private const int ClockSkewSeconds = 300;

    /// <summary>The service account an assertion speaks for, checked or not.</summary>
    public static string? Account(byte[] form) => Claims(Field(form, "assertion")).Str("iss");

    public static Task AnswerAsync(Exchange exchange)
    {
        if (Problem(exchange) is { } problem)
        {
            return exchange.SendAsync(StatusCodes.Status400BadRequest, "application/json",
                $$"""{"error":"invalid_grant","error_description":{{Json.Text(problem)}}}""");
        }

        if (exchange.Persona.Word is KeyWord.Down)
            return exchange.FailAsync(exchange.Vendor.Of(Vendors.Trouble.Down));
        return exchange.JsonAsync(string.Create(CultureInfo.InvariantCulture,
            $$"""{"access_token":{{Json.Text(AccessToken.Issue(exchange.Key!, exchange.Time))}},"expires_in":{{AccessToken.LifetimeSeconds}},"token_type":"Bearer"}"""));
    }

    private static string? Problem(Exchange exchange)
    {
        if (Field(exchange.RawBody, "grant_type") != GrantType)
            return "Unsupported grant type.";
        var assertion = Field(exchange.RawBody, "assertion");
        if (assertion?.Split('.') is not [var header, _, { Length: > 0 }] || Part(header) is not { } head || Claims(assertion) is not { } claims)
            return "Invalid JWT: Token must be in the form header.claims.signature.";
        if (head.Str("alg") != "RS256" || head.Str("typ") != "JWT")
            return "Invalid JWT: Expected RS256.";
        if (claims.Str("scope")?.Split(' ').Contains("https://www.googleapis.com/auth/cloud-platform") != true)
            return "Invalid OAuth scope or ID token audience provided.";
        if (claims.Str("aud")?.EndsWith("/token", StringComparison.Ordinal) != true)
            return "Invalid JWT: Failed audience check.";
        if (claims.Int("iat") is not { } issued || claims.Int("exp") is not { } expires || expires > issued + MaxLifetimeSeconds
            || expires <= exchange.UnixTime || issued > exchange.UnixTime + ClockSkewSeconds)
        {
            return "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.";
        }

        return exchange.Persona.Word switch
        {
            KeyWord.Missing or KeyWord.Foreign or KeyWord.Revoked => "Invalid grant: account not found",
            KeyWord.Invalid => "Invalid JWT Signature.",
            KeyWord.Expired => "Invalid grant: key expired",
            _ => null,
        };
    }

    private static string? Field(byte[] form, string name) =>
        QueryHelpers.ParseQuery(System.Text.Encoding.UTF8.GetString(form)).TryGetValue(name, out var value) ? value.ToString() : null;

    private static JsonObject? Claims(string? assertion) => assertion?.Split('.') is [_, var claims, _] ? Part(claims) : null;

    private static JsonObject? Part(string base64Url) =>
        Base64Url.IsValid(base64Url) ? Json.ParseObject(Base64Url.DecodeFromChars(base64Url)) : null;
}
