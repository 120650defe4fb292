using Microsoft.Extensions.Configuration;

namespace Router.Core.Settings;

/// <summary>
/// The names of all settings, so that a misspelt one is said and not ignored. A star stands for a name of the operator's choice.
/// </summary>
public static class KnownSettings
{
    public const string Root = "Router";

    /// <summary>Read by the AppHost alone.</summary>
    public static readonly IReadOnlyList<string> OfAppHost =
    [
        "Router:Containers", "Router:Port", "Router:Programs:*", "Router:Replicas", "Router:StateDirectory", "Router:Workers",
    ];

    /// <summary>Read by the API, the worker or the migrations.</summary>
    public static readonly IReadOnlyList<string> OfServices =
    [
        "Router:AdminKey",
        "Router:Audit:Retention",
        "Router:Catalog:File",
        "Router:Development:RouterKey",
        "Router:Fallback:BreakAfter", "Router:Fallback:HeldBytes", "Router:Fallback:HeldInAll", "Router:Fallback:LongestWait", "Router:Fallback:MostAttempts",
        "Router:Limits:ChangesPerMinute", "Router:Limits:FailedKeysInAllPerMinute", "Router:Limits:FailedKeysPerMinute", "Router:Limits:RedisWait", "Router:Limits:RequestsPerSecond", "Router:Limits:TokensPerMinute",
        "Router:MasterKeys", "Router:MasterKeys:*", "Router:MasterKeysFile", "Router:MasterKeysFileInterval",
        "Router:MaxRequestBytes",
        "Router:OpenIdConnect:AdminClaim", "Router:OpenIdConnect:AdminValue", "Router:OpenIdConnect:Authority", "Router:OpenIdConnect:ClientId",
        "Router:OpenIdConnect:ClientSecret", "Router:OpenIdConnect:RequireHttpsMetadata", "Router:OpenIdConnect:Scopes",
        "Router:Providers:*:ApiKey", "Router:Providers:*:BaseUrl", "Router:Providers:*:DisplayName", "Router:Providers:*:KeyCheck",
        "Router:Providers:*:KeyPage", "Router:Providers:*:Live",
        "Router:Revalidation:CheckTimeout", "Router:Revalidation:Concurrency", "Router:Revalidation:Interval", "Router:Revalidation:Lease",
        "Router:Revalidation:PollInterval",
        "Router:Rewrap:Interval",
        "Router:Scores:*:coding", "Router:Scores:*:intelligence", "Router:Scores:*:math",
        "Router:Server:InlineScheduling", "Router:Server:TrustedProxies",
        "Router:Shutdown:Drain", "Router:Shutdown:Timeout",
        "Router:Simulator:BaseUrl",
        "Router:Snapshot:LoadTimeout", "Router:Snapshot:PollInterval",
        "Router:Statistics:ExploreEvery", "Router:Statistics:HalfLife", "Router:Statistics:ShareInterval",
        "Router:Studio:TraceUrl",
        "Router:Telemetry:Prometheus", "Router:Telemetry:PrometheusAnonymous", "Router:Telemetry:PrometheusKey",
        "Router:Telemetry:PropagateToProviders", "Router:Telemetry:TracesPerSecond",
        "Router:Timeouts:Answer", "Router:Timeouts:Deadline", "Router:Timeouts:FirstToken", "Router:Timeouts:FirstTokenWithFallback", "Router:Timeouts:Header",
        "Router:Timeouts:Idle", "Router:Timeouts:Thinking", "Router:Timeouts:Total",
        "Router:Usage:FlushInterval", "Router:Usage:Retention", "Router:Usage:SpoolBytes", "Router:Usage:SpoolDirectory",
    ];

    /// <summary>The settings that stand in the configuration, with their values, in the order of their names.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Given(IConfiguration configuration) => configuration.GetSection(Root).AsEnumerable()
        .Where(setting => setting.Value is not null)
        .Select(setting => KeyValuePair.Create(setting.Key, setting.Value!))
        .OrderBy(setting => setting.Key, StringComparer.OrdinalIgnoreCase);

    public static bool IsOfAppHost(string name) => OfAppHost.Any(pattern => Matches(pattern, name));

    /// <summary>One sentence for each setting whose name nobody reads, with the name that was probably meant.</summary>
    public static IEnumerable<string> Unknown(IConfiguration configuration)
    {
        foreach (var (name, _) in Given(configuration))
        {
            if (OfAppHost.Concat(OfServices).Any(pattern => Matches(pattern, name)))
            {
                continue;
            }

            var variable = AsVariable(name);
            yield return Nearest(name) is { } meant
                ? $"The setting {variable} is unknown. Did you mean {AsVariable(meant)}?"
                : $"The setting {variable} is unknown.";
        }
    }

    /// <summary>As an environment variable spells it.</summary>
    public static string AsVariable(string name) => name.Replace(":", "__", StringComparison.Ordinal);

    private static bool Matches(string pattern, string name)
    {
        var (expected, given) = (pattern.Split(':'), name.Split(':'));
        return expected.Length == given.Length
            && expected.Zip(given).All(pair => pair.First == "*" || pair.First.Equals(pair.Second, StringComparison.OrdinalIgnoreCase));
    }

    private static string? Nearest(string name)
    {
        var (nearest, least) = ("", int.MaxValue);
        foreach (var pattern in OfAppHost.Concat(OfServices))
        {
            var candidate = Fill(pattern, name);
            if (EditDistance.Between(candidate.ToUpperInvariant(), name.ToUpperInvariant()) is var distance && distance < least)
            {
                (nearest, least) = (candidate, distance);
            }
        }

        return least <= Math.Max(3, (name.Length - Root.Length) / 3) ? nearest : null;
    }

    /// <summary>The pattern with the operator's own names in place of its stars.</summary>
    private static string Fill(string pattern, string name)
    {
        var given = name.Split(':');
        return string.Join(':', pattern.Split(':').Select((part, i) => part == "*" && i < given.Length ? given[i] : part));
    }
}
