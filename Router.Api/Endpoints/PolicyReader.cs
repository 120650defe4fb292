using System.Text.Json;
using Router.Core.Keys;
using Router.Core.Providers;

namespace Router.Api.Endpoints;

/// <summary>
/// Reads a policy a caller sent and says everything that is wrong with it. A member that is absent or null takes its
/// default; one that is unknown or there twice is refused, so that a slip of the pen never loosens a policy unseen.
/// </summary>
internal static class PolicyReader
{
    private const int FeeDecimals = 2;

    /// <returns>The policy, or what is wrong in the order of the body.</returns>
    public static (WorkspacePolicy? Policy, IReadOnlyList<(string Member, string Detail)> Wrong) Read(JsonElement body, ProviderRegistry registry)
    {
        if (body.ValueKind != JsonValueKind.Object)
            return (null, [("body", "The body must be a JSON object.")]);
        var (document, wrong, seen) = (new WorkspacePolicyDocument(), new List<(string, string)>(), new HashSet<string>(StringComparer.Ordinal));
        foreach (var member in body.EnumerateObject())
        {
            if (!seen.Add(member.Name))
                wrong.Add((Shown(member.Name), $"'{Shown(member.Name)}' is there twice."));
            else if (member.Value.ValueKind != JsonValueKind.Null && Apply(ref document, member, registry) is { } problem)
                wrong.Add((Shown(member.Name), problem));
            else if (member.Value.ValueKind == JsonValueKind.Null && !IsKnown(member.Name))
                wrong.Add((Shown(member.Name), Unknown(member.Name)));
        }

        return wrong.Count > 0 ? (null, wrong) : (document.ToPolicy(), []);
    }

    private static string? Apply(ref WorkspacePolicyDocument document, JsonProperty member, ProviderRegistry registry)
    {
        var value = member.Value;
        switch (member.Name)
        {
            case "byok_only":
                if (value.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
                    return "'byok_only' is true or false.";
                document = document with { ByokOnly = value.GetBoolean() };
                return null;
            case "cross_to_system":
                if (Names(value, name => WorkspacePolicyDocument.CrossableClasses.ContainsKey(name) ? name : null) is not { } classes)
                    return $"'cross_to_system' is a list of failure classes; these may cross: {string.Join(", ", WorkspacePolicyDocument.CrossableClasses.Keys)}.";
                document = document with { CrossToSystem = classes };
                return null;
            case "allowed_providers":
                if (Names(value, name => registry.TryFind(name, out var provider) ? provider.Slug : null) is not { } providers)
                    return $"'allowed_providers' is a list of providers; empty allows all. Known providers: {string.Join(", ", registry.Slugs)}.";
                document = document with { AllowedProviders = providers };
                return null;
            case "byok_fee_percent":
                if (value.ValueKind != JsonValueKind.Number || !value.TryGetDecimal(out var fee) || fee is < 0 or > 100 || decimal.Round(fee, FeeDecimals) != fee)
                    return $"'byok_fee_percent' is a number from 0 to 100 with at most {FeeDecimals} decimals.";
                // Dividing drops the zeros at the end, which decimal would keep.
                document = document with { ByokFeePercent = fee / 1.0000000000000000000000000000m };
                return null;
            case "limits":
                var (limits, problem) = LimitsReader.Read(value);
                document = document with { Limits = limits };
                return problem;
            case "manage_keys_may_mint_inference":
                if (value.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
                    return "'manage_keys_may_mint_inference' is true or false.";
                document = document with { ManageKeysMayMintInference = value.GetBoolean() };
                return null;
            default:
                return Unknown(member.Name);
        }
    }

    /// <summary>The list with each name as the lookup gives it; null when it is no list or a name is unknown.</summary>
    private static List<string>? Names(JsonElement value, Func<string, string?> find)
    {
        if (value.ValueKind != JsonValueKind.Array)
            return null;
        var names = new List<string>();
        foreach (var item in value.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.String || find(item.GetString()!) is not { } name)
                return null;
            names.Add(name);
        }

        return names;
    }

    private static bool IsKnown(string name) => name is "byok_only" or "cross_to_system" or "allowed_providers" or "byok_fee_percent" or "limits" or "manage_keys_may_mint_inference";

    private static string Unknown(string name) =>
        $"A policy has no member '{Shown(name)}'; it has byok_only, cross_to_system, allowed_providers, byok_fee_percent, limits and manage_keys_may_mint_inference.";

    private static string Shown(string name) => name.Length <= 64 ? name : name[..64];
}
