using System.Collections.Immutable;
using Router.Core.Catalog;
using Router.Core.Failures;
using Router.Core.Providers;

namespace Router.Core.Routing;

/// <summary>A model at a provider, before keys.</summary>
public readonly record struct Route(Provider Provider, string Model);

/// <summary>Turns a model's name into the routes that may serve it, best first. Pure.</summary>
public static class ModelResolver
{
    /// <param name="name"><c>provider/model</c>, or a bare name of the catalog.</param>
    /// <param name="member">The request member it stands in, for errors.</param>
    /// <exception cref="RouterException">There is no such provider or model.</exception>
    public static ImmutableArray<Route> Resolve(string name, string member, RouterOptions options, ModelCatalog catalog, ProviderRegistry providers)
    {
        // The first slash only: a model's own name may hold more.
        int slash = name.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? Bare(name, member, options, catalog, providers) : [Qualified(name[..slash], name[(slash + 1)..], member, providers)];
    }

    private static Route Qualified(string slug, string model, string member, ProviderRegistry providers)
    {
        if (model.Length == 0)
        {
            throw new RouterException(RouterError.InvalidRequest("The model name after the provider is empty.", member));
        }

        return providers.TryFind(slug, out Provider? provider)
            ? new Route(provider, model)
            : throw new RouterException(RouterError.UnknownProvider(slug, providers.Slugs));
    }

    private static ImmutableArray<Route> Bare(string name, string member, RouterOptions options, ModelCatalog catalog, ProviderRegistry providers)
    {
        if (name == "auto")
        {
            throw new RouterException(RouterError.ModelNotFound(name, "This version does not choose a model by itself; name one."));
        }

        if (providers.TryFind(name, out _))
        {
            throw new RouterException(RouterError.InvalidRequest($"'{name}' is a provider. Name a model of it as {name}/<model>.", member));
        }

        ImmutableArray<CatalogModel> hosts = catalog.Named(name);
        if (hosts.IsEmpty)
        {
            string near = string.Join(", ", catalog.Like(name));
            throw new RouterException(RouterError.ModelNotFound(name, near.Length > 0 ? $"Did you mean {near}?" : "Name it as provider/model, or as a name of GET /v1/models."));
        }

        IEnumerable<Route> routes = hosts
            .Where(model => options.ProviderOnly.IsEmpty || options.ProviderOnly.Contains(model.Provider, StringComparer.OrdinalIgnoreCase))
            .OrderBy(model => Position(options.ProviderOrder, model.Provider))
            .ThenBy(model => model.PriceRank)
            .Select(model => new Route(providers.All.First(provider => provider.Slug == model.Provider), model.UpstreamModel));
        return options.AllowFallbacks ? [.. routes] : [.. routes.Take(1)];
    }

    private static int Position(ImmutableArray<string> order, string slug)
    {
        for (int i = 0; i < order.Length; i++)
        {
            if (string.Equals(order[i], slug, StringComparison.OrdinalIgnoreCase))
            {
                return i;
            }
        }

        return int.MaxValue;
    }
}
