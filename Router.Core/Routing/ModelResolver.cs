using System.Collections.Immutable;
using Router.Core.Catalog;
using Router.Core.Failures;
using Router.Core.Providers;

namespace Router.Core.Routing;

/// <summary>Turns names into routes under consideration. Pure.</summary>
internal static class ModelResolver
{
    /// <summary>The name that lets the router choose.</summary>
    public const string Auto = "auto";

    /// <summary>A model at a provider it names.</summary>
    /// <param name="name"><c>provider/model</c>; the model's own name may hold more slashes.</param>
    /// <param name="member">The request member it stands in, for errors.</param>
    /// <exception cref="RouterException">There is no such provider, or no model is named.</exception>
    public static Candidate Qualified(string name, int slash, string member, RoutingKnowledge knowledge)
    {
        if (slash == name.Length - 1)
        {
            throw new RouterException(RouterError.InvalidRequest("The model name after the provider is empty.", member));
        }

        if (!knowledge.Providers.TryFind(name.AsSpan(0, slash).ToString(), out Provider? provider))
        {
            throw new RouterException(RouterError.UnknownProvider(name[..slash], knowledge.Providers.Slugs) with { Param = member });
        }

        string model = name[(slash + 1)..];
        string qualified = name.AsSpan(0, slash).SequenceEqual(provider.Slug) ? name : $"{provider.Slug}/{model}";
        return new Candidate(provider, model, qualified, knowledge.Catalog.FindHosted(qualified));
    }

    /// <summary>Every provider's model of a bare name.</summary>
    /// <exception cref="RouterException">There is no such model, or it is a provider's name, or <c>auto</c>.</exception>
    public static ImmutableArray<HostedModel> Bare(string name, string member, RoutingKnowledge knowledge)
    {
        if (name == Auto)
        {
            throw new RouterException(RouterError.InvalidRequest($"'{Auto}' stands alone as the model; it is no entry of a list.", member));
        }

        if (knowledge.Providers.TryFind(name, out _))
        {
            throw new RouterException(RouterError.InvalidRequest($"'{name}' is a provider. Name a model of it as {name}/<model>, or let the router choose with model '{Auto}' and models [\"{name}\"].", member));
        }

        ImmutableArray<HostedModel> hosts = knowledge.Catalog.Named(name);
        if (hosts.IsEmpty)
        {
            string near = string.Join(", ", knowledge.Catalog.Like(name));
            throw new RouterException(RouterError.ModelNotFound(name, near.Length > 0 ? $"Did you mean {near}?" : "Name it as provider/model, or as a name of GET /v1/models.") with { Param = member });
        }

        return hosts;
    }

    /// <summary>What <c>auto</c> may choose from: what the entries name, each route once, or the whole catalog without any.</summary>
    /// <param name="named">Null for the whole catalog; otherwise the routes the request names one by one.</param>
    /// <exception cref="RouterException">An entry names nothing.</exception>
    public static List<Candidate> Pool(ImmutableArray<string> entries, RoutingKnowledge knowledge, out HashSet<string>? named)
    {
        const string Member = "models";
        named = null;
        if (entries.IsEmpty)
        {
            var all = new List<Candidate>(knowledge.Catalog.Hosted.Length);
            foreach (HostedModel hosted in knowledge.Catalog.Hosted)
            {
                all.Add(new Candidate(hosted));
            }

            return all;
        }

        named = new HashSet<string>(StringComparer.Ordinal);
        var pool = new Dictionary<string, Candidate>(StringComparer.Ordinal);
        foreach (string entry in entries)
        {
            int slash = entry.IndexOf('/', StringComparison.Ordinal);
            if (slash >= 0)
            {
                Candidate found = Qualified(entry, slash, Member, knowledge);
                // By the catalog's spelling, so that one model is one route.
                found = found.Hosted is { } hosted ? new Candidate(hosted) : found;
                pool.TryAdd(found.Name, found);
                named.Add(found.Name);
            }
            else if (knowledge.Providers.TryFind(entry, out Provider? provider))
            {
                AddAll(pool, Models(provider, knowledge), null);
            }
            else
            {
                AddAll(pool, Bare(entry, Member, knowledge), named);
            }
        }

        return [.. pool.Values];
    }

    private static ImmutableArray<HostedModel> Models(Provider provider, RoutingKnowledge knowledge) =>
        knowledge.Catalog.Of(provider.Slug) is { IsEmpty: false } models
            ? models
            : throw new RouterException(RouterError.InvalidRequest($"The catalog lists no model of '{provider.Slug}'. Name one as {provider.Slug}/<model>.", "models"));

    private static void AddAll(Dictionary<string, Candidate> pool, ImmutableArray<HostedModel> models, HashSet<string>? named)
    {
        foreach (HostedModel hosted in models)
        {
            pool.TryAdd(hosted.Name, new Candidate(hosted));
            named?.Add(hosted.Name);
        }
    }
}
