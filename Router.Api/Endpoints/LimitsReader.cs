using System.Text.Json;
using Router.Core.Limits;

namespace Router.Api.Endpoints;

/// <summary>Reads the <c>limits</c> of a policy or a router key. An unknown member is refused, so that a slip of the pen never lifts a limit unseen.</summary>
internal static class LimitsReader
{
    private static readonly string Problem =
        "'limits' is an object of requests_per_second, a whole number from 0 to "
        + $"{LimitSettings.MostRequestsPerSecond}, and tokens_per_minute, from 0 to {LimitSettings.MostTokensPerMinute}; 0 is no limit, null the default.";

    /// <returns>The limits, or what is wrong.</returns>
    public static (LimitSettings Limits, string? Problem) Read(JsonElement value)
    {
        if (value.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined)
            return (LimitSettings.Default, null);
        if (value.ValueKind != JsonValueKind.Object)
            return (LimitSettings.Default, Problem);
        var (limits, seen) = (LimitSettings.Default, new HashSet<string>(StringComparer.Ordinal));
        foreach (var member in value.EnumerateObject())
        {
            var most = member.Name switch
            {
                "requests_per_second" => LimitSettings.MostRequestsPerSecond,
                "tokens_per_minute" => LimitSettings.MostTokensPerMinute,
                _ => -1,
            };
            if (most < 0 || !seen.Add(member.Name) || !TryRead(member.Value, most, out var amount))
                return (LimitSettings.Default, Problem);
            limits = member.Name == "requests_per_second" ? limits with { RequestsPerSecond = amount } : limits with { TokensPerMinute = amount };
        }

        return (limits, null);
    }

    private static bool TryRead(JsonElement value, long most, out long? amount)
    {
        amount = null;
        if (value.ValueKind == JsonValueKind.Null)
            return true;
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt64(out var number) || number < 0 || number > most)
            return false;
        amount = number;
        return true;
    }
}
