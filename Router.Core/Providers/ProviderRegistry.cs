using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Configuration;
using Router.Core.Keys;
using Router.Core.Routing;

namespace Router.Core.Providers;

/// <summary>
/// The providers as this process runs them, made from the table and configuration:
/// <c>Router:Providers:{slug}:BaseUrl|ApiKey|Live</c>, where a slug that is not in the table and has a base URL is one more
/// provider of OpenAI's dialect (<c>DisplayName</c>, <c>KeyCheck</c>, <c>KeyPage</c>); the vendors' own environment variables; and
/// <c>Router:Simulator:BaseUrl</c>, under which the simulator stands in for every provider that is not live. Where no setting decides
/// it, <see cref="MakeLive"/> does: the providers are then swapped whole.
/// </summary>
public sealed class ProviderRegistry
{
    /// <summary>The key the simulator takes for the operator's.</summary>
    private const string SimulatedSystemKey = "sim-good-system";

    private const int LongestSlug = 40;

    private readonly ImmutableArray<Provider> _configured;

    private volatile ProviderSet _current;

    public ProviderRegistry(IConfiguration configuration, KeyFingerprint fingerprint)
    {
        _configured = [.. ProviderTable.All.Concat(Configured(configuration)).Select(definition => Create(definition, configuration, fingerprint))];
        _current = new ProviderSet(_configured);
    }

    /// <summary>Always the same providers in the same order; which of them are live may change.</summary>
    public ImmutableArray<Provider> All => _current.All;

    /// <summary>Another object after every change.</summary>
    public ProviderSet Current => _current;

    /// <summary>The operator's keys that are of no use as they are configured.</summary>
    public IEnumerable<SystemKeyProblem> SystemKeyProblems => All.Select(provider => provider.SystemKeyProblem).OfType<SystemKeyProblem>();

    public IEnumerable<string> Slugs => All.Select(provider => provider.Slug);

    /// <summary>Finds a provider by slug or alias.</summary>
    public bool TryFind(string slug, [NotNullWhen(true)] out Provider? provider) => _current.BySlug.TryGetValue(slug, out provider);

    /// <summary>Takes what an administrator made live: those of the names that may be switched are live, all others as configuration says.</summary>
    public void MakeLive(IReadOnlyCollection<string> slugs)
    {
        ImmutableArray<Provider> now = All;
        ImmutableArray<Provider> next = [.. _configured.Select((provider, i) =>
            !provider.Switchable || !slugs.Contains(provider.Slug) ? provider
            : !now[i].Simulated ? now[i]
            : AtVendor(provider))];
        if (!now.AsEnumerable().SequenceEqual(next, SameProvider.Instance))
        {
            _current = new ProviderSet(next);
        }
    }

    /// <summary>A simulated provider as it is once it is live: without a key of the operator's, as none is configured.</summary>
    private static Provider AtVendor(Provider simulated) => simulated with { BaseUrl = simulated.Definition.BaseUrl, Simulated = false, SystemCredential = null };

    /// <summary>Providers that stand in configuration alone.</summary>
    private static IEnumerable<ProviderDefinition> Configured(IConfiguration configuration)
    {
        foreach (IConfigurationSection section in configuration.GetSection("Router:Providers").GetChildren())
        {
            if (ProviderTable.TryFind(section.Key, out _) || NonEmpty(section["BaseUrl"]) is not { } address)
            {
                continue;
            }

            string slug = section.Key.ToLowerInvariant();
            if (slug.Length > LongestSlug || !slug.All(c => char.IsAsciiLetterOrDigit(c) || c == '-') || !Uri.TryCreate(address.TrimEnd('/'), UriKind.Absolute, out Uri? baseUrl))
            {
                throw new InvalidOperationException($"Router:Providers:{section.Key} is no provider: its name takes letters, digits and dashes, its BaseUrl is an address.");
            }

            yield return new ProviderDefinition
            {
                Slug = slug,
                DisplayName = NonEmpty(section["DisplayName"]) ?? slug,
                Dialect = WireDialect.OpenAI,
                BaseUrl = baseUrl,
                SystemKeyVariables = [],
                TelemetryName = slug,
                KeyPage = Uri.TryCreate(section["KeyPage"], UriKind.Absolute, out Uri? page) ? page : new UriBuilder(baseUrl) { UserName = "", Password = "" }.Uri,
                KeyCheck = NonEmpty(section["KeyCheck"]) is { } check ? new(check, KeyProof.Anything) : new("models", KeyProof.AnyModels),
            };
        }
    }

    private static Provider Create(ProviderDefinition definition, IConfiguration configuration, KeyFingerprint fingerprint)
    {
        IConfigurationSection section = configuration.GetSection($"Router:Providers:{definition.Slug}");
        string? baseUrl = NonEmpty(section["BaseUrl"]);
        (string Setting, string Key)? configured = SystemKey(definition, section, configuration);
        string? simulator = NonEmpty(configuration["Router:Simulator:BaseUrl"]);
        bool? live = section.GetValue<bool?>("Live");
        bool simulated = configured is null && baseUrl is null && simulator is not null && live is not true;
        string? decides = configured?.Setting ?? (baseUrl is not null ? $"{section.Path}:BaseUrl" : live is not null ? $"{section.Path}:Live" : null);

        Uri address = simulated
            ? new Uri(simulator!.TrimEnd('/') + "/" + definition.Slug + definition.BaseUrl.AbsolutePath)
            : Http(baseUrl, definition);
        if (simulated)
        {
            return new Provider(definition, address, true, SystemCredential(definition, new Secret(SimulatedSystemKey), fingerprint)) { LiveSetting = decides, Switchable = decides is null };
        }

        // One that cannot be sent is never a credential: requests go on as without it, and the operator is told.
        Secret? key = configured is { } set ? new Secret(set.Key) : null;
        string? problem = key is null ? null : CredentialText.Problem(key, definition);
        return new Provider(definition, address, false, key is null || problem is not null ? null : SystemCredential(definition, key, fingerprint))
        {
            LiveSetting = decides,
            SystemKeyProblem = problem is null ? null : new SystemKeyProblem(definition, configured!.Value.Setting, problem),
        };
    }

    /// <summary>The operator's key as it is configured, and the setting that holds it.</summary>
    private static (string Setting, string Key)? SystemKey(ProviderDefinition definition, IConfigurationSection section, IConfiguration configuration)
    {
        foreach ((string setting, string? value) in definition.SystemKeyVariables.Select(name => (name, configuration[name])).Prepend(($"{section.Path}:ApiKey", section["ApiKey"])))
        {
            if (NonEmpty(value) is { } key)
            {
                return (setting, definition.CompleteSystemKey(key, name => configuration[name]).Trim());
            }
        }

        return null;
    }

    private static Uri Http(string? configured, ProviderDefinition definition)
    {
        if (configured is null)
        {
            return definition.BaseUrl;
        }

        return Uri.TryCreate(configured.TrimEnd('/'), UriKind.Absolute, out Uri? uri) && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps)
            ? uri
            : throw new InvalidOperationException($"Router:Providers:{definition.Slug}:BaseUrl is not an http or https address.");
    }

    private static Credential SystemCredential(ProviderDefinition definition, Secret key, KeyFingerprint fingerprint)
    {
        string print = fingerprint.Of(key);
        return new Credential($"system:{definition.Slug}:{print}", CredentialType.System, "system", print, key);
    }

    private static string? NonEmpty(string? value) => string.IsNullOrWhiteSpace(value) ? null : value;
}
