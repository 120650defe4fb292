using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Router.Core.Telemetry;

/// <summary>Tag and instrument names of the inbound limits.</summary>
public static class LimitTelemetry
{
    public const string Outcome = "router.limit.outcome";
    public const string Scope = "router.limit.scope";
    public const string Kind = "router.limit.kind";
    public const string Mode = "router.limit.mode";

    public const string Workspace = "workspace";
    public const string RouterKey = "key";
    public const string Requests = "requests";
    public const string Tokens = "tokens";
    public const string Changes = "changes";

    /// <summary>Decisions of a limit about a request: outcome <c>allowed</c> or <c>refused</c>, mode <c>shared</c>, or <c>local</c> without Redis.</summary>
    public static Counter<long> Decisions { get; } = RouterTelemetry.Meter.CreateCounter<long>(
        "router.limit.decisions", "{decision}", "Decisions of an inbound limit about a request.");

    internal static void Decided(bool allowed, string scope, string kind, bool shared)
    {
        if (!Decisions.Enabled)
            return;
        var tags = new TagList
        {
            { Outcome, allowed ? "allowed" : "refused" },
            { Scope, scope },
            { Kind, kind },
            { Mode, shared ? "shared" : "local" },
        };
        Decisions.Add(1, tags);
    }
}
