using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Router.Simulator.Keys;

/// <summary>OAuth access tokens that carry their own account and expiry, so that the simulator keeps no session.</summary>
internal static class AccessToken
{
    public const int LifetimeSeconds = 3599;
    private const string Prefix = "ya29.sim.";

    public static string Issue(string account, TimeProvider time) => string.Create(CultureInfo.InvariantCulture,
        $"{Prefix}{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(account))}.{time.GetUtcNow().ToUnixTimeSeconds() + LifetimeSeconds}");

    public static string? Account(string token, TimeProvider time)
    {
        if (!token.StartsWith(Prefix, StringComparison.Ordinal) || token[Prefix.Length..].Split('.') is not [var account, var expiry])
            return null;
        if (!long.TryParse(expiry, NumberStyles.None, CultureInfo.InvariantCulture, out var expires)
            || expires <= time.GetUtcNow().ToUnixTimeSeconds() || !Base64Url.IsValid(account))
            return null;
        return Encoding.UTF8.GetString(Base64Url.DecodeFromChars(account));
    }
}
