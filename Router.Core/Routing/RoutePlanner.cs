using System.Collections.Immutable;
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
    public static AttemptPlan Plan(string model, RouterOptions options, Workspace workspace, ProviderRegistry providers, ICredentialHealth health)
    {
        var entries = ImmutableArray.CreateBuilder<PlanEntry>();
        var tried = new HashSet<string>(StringComparer.Ordinal);
        bool forbidden = false;
        int step = 0;
        foreach (string name in options.Models.Insert(0, model))
        {
            (Provider provider, string upstream) = Resolve(name, providers);
            if (!tried.Add($"{provider.Slug}/{upstream}") || IsIgnored(options.Ignore, provider, upstream))
            {
                continue;
            }

            if (!workspace.Policy.Allows(provider.Slug))
            {
                forbidden = true;
                continue;
            }

            AddKeys(entries, step++, provider, upstream, options, workspace, health);
        }

        if (step == 0)
        {
            throw new RouterException(forbidden
                ? RouterError.PermissionDenied("The workspace's policy does not allow this provider.")
                : RouterError.InvalidRequest("Every model of the request is ignored.", "ignore"));
        }

        ImmutableArray<PlanEntry> plan = entries.DrainToImmutable();
        return new AttemptPlan(plan, Explain(plan, model));
    }

    private static (Provider Provider, string Model) Resolve(string name, ProviderRegistry providers)
    {
        // The first slash only: a model's own name may hold more.
        int slash = name.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0)
        {
            throw new RouterException(RouterError.ModelNotFound(name, $"Name it as provider/model; the providers are {string.Join(", ", providers.Slugs)}."));
        }

        string slug = name[..slash];
        string model = name[(slash + 1)..];
        if (model.Length == 0)
        {
            throw new RouterException(RouterError.InvalidRequest("The model name after the provider is empty.", "model"));
        }

        return providers.TryFind(slug, out Provider? provider)
            ? (provider, model)
            : throw new RouterException(RouterError.UnknownProvider(slug, providers.Slugs));
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
            own = new Credential(saved.CredentialId, CredentialType.Byok, "saved", saved.Fingerprint, saved.Secret);
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
