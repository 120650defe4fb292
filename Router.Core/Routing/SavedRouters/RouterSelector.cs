using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Router.Core.Failures;
using Router.Core.Routing.Cel;

namespace Router.Core.Routing.SavedRouters;

/// <summary>
/// Chooses a route and a variant. Pure but for <c>random</c>, which is asked only where the request names no user: the
/// same user always gets the same variant, until the weights change, and then as few users move as can be.
/// </summary>
public static class RouterSelector
{
    /// <param name="variables">What conditions may read.</param>
    /// <param name="user">The request's user; null or empty where it names none.</param>
    /// <exception cref="RouterException">The router cannot be used, or no route is for this request.</exception>
    public static RouterChoice Select(RouterEntry entry, IReadOnlyDictionary<string, CelValue> variables, string? user, Random random)
    {
        if (entry.Router is not { } router)
        {
            throw new RouterException(RouterError.InvalidRequest($"The saved router '{entry.Name}' cannot be used until it is saved anew: {entry.Problem}", "model"));
        }

        var warnings = ImmutableArray.CreateBuilder<string>();
        if (!router.WithoutEffect.IsEmpty)
        {
            warnings.Add($"The saved router '{router.Name}' has members without effect here: {string.Join(", ", router.WithoutEffect)}.");
        }

        SavedRoute route = Route(router, variables, warnings)
            ?? throw new RouterException(RouterError.InvalidRequest(
                $"No route of the saved router '{router.Name}' matched, and it has no default route. {string.Join(" ", warnings)}".TrimEnd(), "model"));
        int point = string.IsNullOrEmpty(user) ? random.Next(SavedRoute.WholeWeight) : Point(entry.Id, route.Id, user);
        return new RouterChoice(route, Variant(route, point), warnings.DrainToImmutable());
    }

    private static SavedRoute? Route(SavedRouter router, IReadOnlyDictionary<string, CelValue> variables, ImmutableArray<string>.Builder warnings)
    {
        var budget = new CelBudget();
        foreach (ConditionalRoute conditional in router.Routes)
        {
            CelResult result = conditional.Condition.Expression.Evaluate(variables, budget);
            if (result.Error is { } error)
            {
                warnings.Add($"The condition of route '{conditional.Route.Id}' counts as false: {error}");
            }
            else if (result.IsTrue)
            {
                return conditional.Route;
            }
        }

        return router.DefaultRoute;
    }

    /// <summary>Where a user stands among a route's hundred points; the same on every replica and in every version.</summary>
    private static int Point(Guid router, string route, string user)
    {
        byte[] text = Encoding.UTF8.GetBytes($"{router:N}\n{route}\n{user}");
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(text, hash);
        return (int)(System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(hash) % SavedRoute.WholeWeight);
    }

    private static RouterVariant Variant(SavedRoute route, int point)
    {
        int end = 0;
        foreach (WeightedVariant weighted in route.Variants)
        {
            end += weighted.Weight;
            if (point < end)
            {
                return weighted.Variant;
            }
        }

        // The weights total what the points do.
        throw new InvalidOperationException("A route's weights do not total 100.");
    }
}
