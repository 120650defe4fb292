using System.Collections.Immutable;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Router.Core.Routing.SavedRouters;

/// <summary>Reads a route: its variants and how they share its requests.</summary>
internal static partial class RouteReader
{
    private const int MostVariants = 32;

    /// <summary>Stands for a weight that is a problem.</summary>
    private const int NoWeight = -1;

    public static SavedRoute Read(MemberReader members, VariantSettings defaults, List<string> withoutEffect)
    {
        string id = Id(members, "route_id");
        ImmutableArray<WeightedVariant> variants = [.. members.List("variants", MostVariants).ToList().Select(item => Weighted(new MemberReader(item.Item, item.Path, members.Problems), defaults, withoutEffect))];
        if (variants.IsEmpty)
        {
            members.Problem("variants", "must hold at least one variant.");
        }
        else if (variants.All(variant => variant.Weight != NoWeight) && variants.Sum(variant => variant.Weight) is var total && total != SavedRoute.WholeWeight)
        {
            members.Problem("variants", $"have weights that total {total}; they must total exactly {SavedRoute.WholeWeight}.");
        }

        foreach (IGrouping<string, string> twice in variants.Select(one => one.Variant.Id).Where(one => one.Length > 0).GroupBy(one => one, StringComparer.Ordinal).Where(group => group.Count() > 1))
        {
            members.Problem("variants", $"have the variant_id '{twice.Key}' twice.");
        }

        return new SavedRoute(id, variants) { Kept = members.Rest(withoutEffect) };
    }

    private static WeightedVariant Weighted(MemberReader members, VariantSettings defaults, List<string> withoutEffect)
    {
        int weight = NoWeight;
        if (members.Take("weight") is not { } given)
        {
            members.Problem("weight", "is required.");
        }
        else if (given.ValueKind != JsonValueKind.Number || !given.TryGetInt32(out weight) || weight is < 0 or > SavedRoute.WholeWeight)
        {
            weight = NoWeight;
            members.Problem("weight", $"must be a whole number from 0 to {SavedRoute.WholeWeight}.");
        }

        RouterVariant variant = new("", VariantSettings.None, VariantSettings.None);
        if (members.Object("variant") is not { } inner)
        {
            members.Problem("variant", "is required.");
        }
        else
        {
            string id = Id(inner, "variant_id");
            VariantSettings settings = VariantReader.Settings(inner, withoutEffect);
            VariantSettings effective = settings.Over(defaults);
            if (effective.Model is null)
            {
                inner.Problem("model_id", "or 'model_selection' is required, here or in 'defaults'.");
            }

            variant = new RouterVariant(id, settings, effective);
        }

        return new WeightedVariant(variant, weight) { Kept = members.Rest(withoutEffect) };
    }

    private static string Id(MemberReader members, string name)
    {
        string id = members.Text(name, RouterOptions.LongestName) ?? "";
        if (!IdPattern().IsMatch(id))
        {
            members.Problem(name, "must have 1 to 63 letters, digits, dots, dashes or underscores.");
            return "";
        }

        return id;
    }

    [GeneratedRegex(@"\A[A-Za-z0-9._-]{1,63}\z")]
    private static partial Regex IdPattern();
}
