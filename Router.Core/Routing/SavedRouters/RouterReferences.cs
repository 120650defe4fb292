using System.Collections.Immutable;

namespace Router.Core.Routing.SavedRouters;

/// <summary>
/// Checks the providers a definition names. Done when it is written and not when it is read: a provider that is gone
/// since makes requests to it fail, not the router.
/// </summary>
public static class RouterReferences
{
    /// <param name="isProvider">Whether there is a provider of this name.</param>
    public static ImmutableArray<RouterProblem> Check(SavedRouter router, Func<string, bool> isProvider)
    {
        var problems = ImmutableArray.CreateBuilder<RouterProblem>();
        Check(router.Defaults, "defaults", isProvider, problems);
        for (int i = 0; i < router.Routes.Length; i++)
        {
            Check(router.Routes[i].Route, $"routes[{i}].route", isProvider, problems);
        }

        if (router.DefaultRoute is { } fallback)
        {
            Check(fallback, "defaultRoute", isProvider, problems);
        }

        return problems.ToImmutable();
    }

    private static void Check(SavedRoute route, string path, Func<string, bool> isProvider, ImmutableArray<RouterProblem>.Builder problems)
    {
        for (int i = 0; i < route.Variants.Length; i++)
        {
            Check(route.Variants[i].Variant.Settings, $"{path}.variants[{i}].variant", isProvider, problems);
        }
    }

    private static void Check(VariantSettings settings, string path, Func<string, bool> isProvider, ImmutableArray<RouterProblem>.Builder problems)
    {
        ModelSelection? selection = settings.Selection;
        IEnumerable<(string Path, string Provider)> named =
        [
            .. Providers($"{path}.model_id", settings.ModelId is { } model ? [model] : []),
            .. Providers($"{path}.model_selection.models", selection?.Models ?? []),
            .. Providers($"{path}.model_selection.ignore", selection?.Ignore ?? []),
            .. (selection?.Provider?.Order ?? []).Select(provider => ($"{path}.model_selection.provider.order", provider)),
            .. (selection?.Provider?.Only ?? []).Select(provider => ($"{path}.model_selection.provider.only", provider)),
        ];
        problems.AddRange(named.Where(one => !isProvider(one.Provider)).Select(one => new RouterProblem(one.Path, "names a provider that does not exist.")));
    }

    /// <summary>The providers of the names that say one.</summary>
    private static IEnumerable<(string Path, string Provider)> Providers(string path, ImmutableArray<string> models) =>
        models.Where(model => model.Contains('/', StringComparison.Ordinal)).Select(model => (path, model[..model.IndexOf('/', StringComparison.Ordinal)]));
}
