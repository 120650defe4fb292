using System.Collections.Immutable;
using Router.Core.Catalog;
using Router.Core.Failures;
using Router.Core.Health;
using Router.Core.Keys;
using Router.Core.Providers;

namespace Router.Core.Routing;

/// <summary>
/// Request, providers, health and policy in; ordered plan out. Pure: same input, same plan; no I/O, no clock.
/// For each model in the chain: the own key (runtime before saved), then the system key where it may serve.
/// </summary>
public static class RoutePlanner
{
    /// <exception cref="RouterException">No such model or provider, or a policy forbids every route.</exception>
    public static AttemptPlan Plan(string model, RouterOptions options, Workspace workspace, ModelCatalog catalog, ProviderRegistry providers, ICredentialHealth health)
    {
        var entries = ImmutableArray.CreateBuilder<PlanEntry>();
        var tried = new HashSet<string>(StringComparer.Ordinal);
        bool forbidden = false;
        int step = 0;
        for (int i = 0; i <= options.Models.Length; i++)
        {
            (string name, string member) = i == 0 ? (model, "model") : (options.Models[i - 1], "models");
            foreach (Route route in ModelResolver.Resolve(name, member, options, catalog, providers))
            {
                if (!tried.Add($"{route.Provider.Slug}/{route.Model}") || IsIgnored(options.Ignore, route.Provider, route.Model))
                {
                    continue;
                }

                if (!workspace.Policy.Allows(route.Provider.Slug))
                {
                    forbidden = true;
                    continue;
                }

                AddKeys(entries, step++, route.Provider, route.Model, options, workspace, health);
            }
        }

        if (step == 0)
        {
            throw new RouterException(forbidden
                ? RouterError.PermissionDenied("The workspace's policy does not allow this provider.")
                : RouterError.InvalidRequest("Every model of the request is ignored, or at no provider that may serve it.", "ignore"));
        }

        ImmutableArray<PlanEntry> plan = entries.DrainToImmutable();
        return new AttemptPlan(plan, Explain(plan, model));
    }

    private static bool IsIgnored(ImmutableArray<string> ignore, Provider provider, string model) =>
        ignore.Any(name =>
        {
            // A provider by any of its names, a model by its own, or both.
            int slash = name.IndexOf('/', StringComparison.Ordinal);
            return name == model || Names(provider, name) || (slash > 0 && Names(provider, name[..slash]) && name[(slash + 1)..] == model);
        });

    private static bool Names(Provider provider, string name) =>
        string.Equals(provider.Slug, name, StringComparison.OrdinalIgnoreCase) || provider.Definition.Aliases.Contains(name, StringComparer.OrdinalIgnoreCase);

    private static void AddKeys(ImmutableArray<PlanEntry>.Builder entries, int step, Provider provider, string model, RouterOptions options, Workspace workspace, ICredentialHealth health)
    {
        bool system = !options.ByokOnly && !workspace.Policy.ByokOnly;
        Credential? own = null;
        if (options.Credentials.TryGetValue(provider.Slug, out RuntimeCredential? runtime))
        {
            own = new Credential($"runtime:{workspace.Id}:{runtime.Fingerprint}", CredentialType.Byok, "runtime", runtime.Fingerprint, runtime.Key);
            system &= runtime.FallbackToSystem;
        }
        else if (workspace.ProviderKeys.TryGetValue(provider.Slug, out ProviderKey? saved))
        {
            own = new Credential(saved.CredentialId, CredentialType.Byok, "saved", saved.Fingerprint, saved.Secret) { KeyId = saved.Id };
        }

        foreach (Credential? credential in (ReadOnlySpan<Credential?>)[own, system ? provider.SystemCredential : null])
        {
            if (credential is not null)
            {
                entries.Add(new PlanEntry(step, provider, model, credential, health.Check(credential.Id, model)));
            }
        }
    }

    private static string Explain(ImmutableArray<PlanEntry> plan, string model)
    {
        PlanEntry? first = plan.FirstOrDefault(entry => entry.Health.Usable && entry.Credential.Secret is not null);
        if (first is null)
        {
            return plan.IsEmpty
                ? $"{model} was asked for by name, and no key may serve it."
                : $"{model} was asked for by name; every key that may serve it is known to be of no use now.";
        }

        string key = first.Credential.Source switch
        {
            "runtime" => "the key brought in the request",
            "saved" => "the workspace's own key",
            _ when plan[0].Credential.Type == CredentialType.Byok && plan[0].Step == first.Step => "the system key, as the workspace's own key is known to be of no use now",
            _ => "the system key, as the workspace has no usable key for this provider",
        };
        return $"{model} was asked for by name; {first.QualifiedModel} is tried first with {key}.";
    }
}
