using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;
using Router.Core.Chat;
using Router.Core.Failures;
using Router.Core.Keys;
using Router.Core.Providers;
using Router.Core.Routing;

namespace Router.Api.Dialects.OpenAI;

/// <summary>Reads the router's own options. What is wrong is named; nothing is guessed, nothing dropped in silence.</summary>
internal sealed class RouterOptionsReader(ProviderRegistry providers, KeyFingerprint fingerprint)
{
    private static readonly TimeSpan LeastTtft = TimeSpan.FromMilliseconds(300);

    public RouterOptions Read(RequestMembers members) => members.IsPlain ? RouterOptions.None : new()
    {
        Credentials = Credentials(members),
        ProviderOrder = [.. Providers(members, "order")],
        ProviderOnly = [.. Providers(members, "only")],
        AllowFallbacks = AllowFallbacks(members),
        Sort = Sort(members),
        Models = [.. Names(members, RouterMembers.Models)],
        Ignore = [.. Names(members, RouterMembers.Ignore)],
        ByokOnly = members.Bool(RouterMembers.ByokOnly) ?? false,
        Strict = members.Bool(RouterMembers.Strict) ?? false,
        Fallback = Fallback(members),
    };

    /// <summary>Options that change nothing for this request are accepted, and the caller is told.</summary>
    public static void Warn(RequestMembers members, string model, CappedSet warnings)
    {
        if (members.IsPlain)
        {
            return;
        }

        // A bare name anywhere leaves something to choose.
        bool choice = !model.Contains('/', StringComparison.Ordinal) || members.Strings(RouterMembers.Models).Any(name => !name.Contains('/', StringComparison.Ordinal));
        foreach (string name in (ReadOnlySpan<string>)[RouterMembers.Sort, RouterMembers.Provider, RouterMembers.PromptVariables])
        {
            if (members.Find(name) is not null && (!choice || name == RouterMembers.PromptVariables))
            {
                warnings.Add($"'{name}' has no effect on a model asked for by name.");
            }
        }
    }

    private static ImmutableArray<SortCriterion> Sort(RequestMembers members)
    {
        var criteria = ImmutableArray.CreateBuilder<SortCriterion>();
        foreach (string name in members.Strings(RouterMembers.Sort))
        {
            SortCriterion criterion = SortCriteria.Parse(name)
                ?? throw ChatRequestReader.Invalid(RouterMembers.Sort, $"takes {string.Join(", ", SortCriteria.Names)}");
            if (!criteria.Contains(criterion))
            {
                criteria.Add(criterion);
            }
        }

        return criteria.DrainToImmutable();
    }

    private string[] Providers(RequestMembers members, string list)
    {
        if (members.Object(RouterMembers.Provider) is not { } provider || !provider.TryGetProperty(list, out JsonElement value) || value.ValueKind == JsonValueKind.Null)
        {
            return [];
        }

        string path = $"{RouterMembers.Provider}.{list}";
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() > RouterOptions.MostModels || value.EnumerateArray().Any(item => item.ValueKind != JsonValueKind.String))
        {
            throw ChatRequestReader.Invalid(path, "must be a list of provider names");
        }

        return [.. value.EnumerateArray().Select(item => providers.TryFind(item.GetString()!, out Provider? known)
            ? known.Slug
            : throw ChatRequestReader.Invalid(path, $"names a provider that does not exist; known providers: {string.Join(", ", providers.Slugs)}"))];
    }

    private static bool AllowFallbacks(RequestMembers members) =>
        members.Object(RouterMembers.Provider) is not { } provider || (Flag(provider, "allow_fallbacks", RouterMembers.Provider) ?? true);

    private static string[] Names(RequestMembers members, string name)
    {
        string[] names = members.Strings(name);
        if (names.Length > RouterOptions.MostModels)
        {
            throw ChatRequestReader.Invalid(name, $"must not hold more than {RouterOptions.MostModels} names");
        }

        return names.Any(entry => entry.Length > RouterOptions.LongestName)
            ? throw ChatRequestReader.Invalid(name, $"holds a name longer than {RouterOptions.LongestName} characters")
            : names;
    }

    private FrozenDictionary<string, RuntimeCredential> Credentials(RequestMembers members)
    {
        if (members.Object(RouterMembers.Credentials) is not { } map)
        {
            return FrozenDictionary<string, RuntimeCredential>.Empty;
        }

        var credentials = new Dictionary<string, RuntimeCredential>();
        foreach (JsonProperty entry in map.EnumerateObject())
        {
            if (!providers.TryFind(entry.Name, out Provider? provider))
            {
                throw new RouterException(RouterError.InvalidRequest($"'{RouterMembers.Credentials}' names a provider that does not exist. Known providers: {string.Join(", ", providers.Slugs)}.", RouterMembers.Credentials));
            }

            string path = $"{RouterMembers.Credentials}.{provider.Slug}";
            if (!credentials.TryAdd(provider.Slug, Credential(entry.Value, path, provider.Definition)))
            {
                throw ChatRequestReader.Invalid(path, "is given twice");
            }
        }

        return credentials.ToFrozenDictionary();
    }

    private RuntimeCredential Credential(JsonElement entry, string path, ProviderDefinition provider)
    {
        if (entry.ValueKind != JsonValueKind.Object)
        {
            throw ChatRequestReader.Invalid(path, "must be an object with 'api_key'");
        }

        (Secret? key, string member, string? problem) = CredentialText.Read(entry, provider);
        if (key is null)
        {
            throw ChatRequestReader.Invalid($"{path}.{member}", problem!);
        }

        bool system = (Flag(entry, "fallback_to_inworld", path) ?? true) && (Flag(entry, "fallback_to_system", path) ?? true);
        return new RuntimeCredential(key, fingerprint.Of(key), system);
    }

    private static bool? Flag(JsonElement entry, string name, string path)
    {
        if (!entry.TryGetProperty(name, out JsonElement value) || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        return value.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? value.GetBoolean()
            : throw ChatRequestReader.Invalid($"{path}.{name}", "must be true or false");
    }

    private static FallbackOptions Fallback(RequestMembers members)
    {
        if (members.Object(RouterMembers.Fallback) is not { } fallback)
        {
            return FallbackOptions.Default;
        }

        TimeSpan? ttft = Duration(fallback, "ttft_timeout");
        if (ttft < LeastTtft)
        {
            throw ChatRequestReader.Invalid("fallback.ttft_timeout", "must be at least 300ms");
        }

        return new FallbackOptions(ttft, MaxAttempts(fallback), Duration(fallback, "deadline"), Commit(fallback));
    }

    private static bool Commit(JsonElement fallback)
    {
        if (!fallback.TryGetProperty("commit", out JsonElement commit) || commit.ValueKind == JsonValueKind.Null)
        {
            return false;
        }

        return (commit.ValueKind == JsonValueKind.String ? commit.GetString() : null) switch
        {
            "first_content" => false,
            "complete" => true,
            _ => throw ChatRequestReader.Invalid("fallback.commit", "must be 'first_content' or 'complete'"),
        };
    }

    private static int? MaxAttempts(JsonElement fallback)
    {
        if (!fallback.TryGetProperty("max_attempts", out JsonElement value) || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int attempts) && attempts is >= 1 and <= RouterOptions.MostModels
            ? attempts
            : throw ChatRequestReader.Invalid("fallback.max_attempts", $"must be a whole number from 1 to {RouterOptions.MostModels}");
    }

    private static TimeSpan? Duration(JsonElement fallback, string name)
    {
        if (!fallback.TryGetProperty(name, out JsonElement value) || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.String && RetryAfter.Duration(value.GetString()!) is { } duration && duration > TimeSpan.Zero
            ? duration
            : throw ChatRequestReader.Invalid($"fallback.{name}", "must be a duration such as '800ms' or '30s'");
    }
}
