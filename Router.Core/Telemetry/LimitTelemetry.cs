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

    private static readonly string[] Outcomes = ["refused", "allowed"];
    private static readonly string[] Scopes = [Workspace, RouterKey];
    private static readonly string[] Kinds = [Requests, Tokens, Changes];
    private static readonly string[] Modes = ["local", "shared"];

    /// <summary>By outcome, scope, kind and mode. Counted here and observed: a request takes several decisions.</summary>
    private static readonly long[] Counts = new long[Outcomes.Length * Scopes.Length * Kinds.Length * Modes.Length];

    /// <summary>Decisions of a limit about a request: outcome <c>allowed</c> or <c>refused</c>, mode <c>shared</c>, or <c>local</c> without Redis.</summary>
    public static ObservableCounter<long> Decisions { get; } = RouterTelemetry.Meter.CreateObservableCounter(
        "router.limit.decisions", Observe, "{decision}", "Decisions of an inbound limit about a request.");

    internal static void Decided(bool allowed, string scope, string kind, bool shared) =>
        Interlocked.Increment(ref Counts[Place(allowed ? 1 : 0, Array.IndexOf(Scopes, scope), Array.IndexOf(Kinds, kind), shared ? 1 : 0)]);

    private static int Place(int outcome, int scope, int kind, int mode) => (((((outcome * Scopes.Length) + scope) * Kinds.Length) + kind) * Modes.Length) + mode;

    private static IEnumerable<Measurement<long>> Observe()
    {
        for (var outcome = 0; outcome < Outcomes.Length; outcome++)
            for (var scope = 0; scope < Scopes.Length; scope++)
                for (var kind = 0; kind < Kinds.Length; kind++)
                    for (var mode = 0; mode < Modes.Length; mode++)
                    {
                        if (Interlocked.Read(ref Counts[Place(outcome, scope, kind, mode)]) is > 0 and var count)
                            yield return new(count, [new(Outcome, Outcomes[outcome]), new(Scope, Scopes[scope]), new(Kind, Kinds[kind]), new(Mode, Modes[mode])]);
                    }
    }
}
