using Router.Simulator.Vendors;
using Router.Simulator.Wire;

namespace Router.Simulator.Keys;

/// <summary>What a key's word means for the call it came with.</summary>
internal static class KeyCheck
{
    public static Failure? Refusal(Exchange exchange)
    {
        var (vendor, operation, persona) = (exchange.Vendor, exchange.Operation, exchange.Persona);
        if (operation is Operation.Token || (vendor.PublicModelList && operation is Operation.Models && persona.Word is not KeyWord.Down))
            return null;
        // xAI's key endpoint tells of a disabled key instead of refusing it.
        if (operation is Operation.ApiKeyInfo && persona.Word is KeyWord.Revoked or KeyWord.Restricted)
            return null;
        return Trouble(exchange) is { } trouble
            ? vendor.Of(trouble, exchange.Key, Model(exchange), trouble is Vendors.Trouble.RateLimited ? persona.RetryAfterSeconds : null)
            : null;
    }

    public static string? Model(Exchange exchange) => exchange.Body.Str("model") ?? ModelInPath(exchange);

    public static string? ModelInPath(Exchange exchange)
    {
        var start = exchange.Path.LastIndexOf("/models/", StringComparison.Ordinal);
        return start < 0 ? null : exchange.Path[(start + 8)..].Split(':')[0];
    }

    private static Trouble? Trouble(Exchange exchange) => exchange.Persona.Word switch
    {
        KeyWord.Missing => Vendors.Trouble.MissingKey,
        KeyWord.Foreign or KeyWord.Invalid => Vendors.Trouble.WrongKey,
        KeyWord.Expired => Vendors.Trouble.Expired,
        KeyWord.Revoked => Vendors.Trouble.Revoked,
        KeyWord.RateLimited => Vendors.Trouble.RateLimited,
        KeyWord.Down => Vendors.Trouble.Down,
        KeyWord.Region => Vendors.Trouble.Region,
        KeyWord.NoCredit when exchange.Operation.IsInference() => Vendors.Trouble.NoCredit,
        KeyWord.NoAccess when exchange.Operation.IsInference() && LacksModel(exchange) => Vendors.Trouble.NoAccess,
        KeyWord.Restricted when exchange.Operation is Operation.Models or Operation.Model or Operation.RateLimitInfo => Vendors.Trouble.Restricted,
        _ => null,
    };

    private static bool LacksModel(Exchange exchange) => exchange.Persona.Detail is not { Length: > 0 } only
        || (Model(exchange) is { } model && (model == only || model.EndsWith($"/{only}", StringComparison.Ordinal)));
}
