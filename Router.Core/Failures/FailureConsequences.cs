using System.Collections.Immutable;
using Router.Core.Keys;

namespace Router.Core.Failures;

/// <summary>How far a failure speaks against the key it was met with.</summary>
public enum KeyEffect
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>The key cools for the model.</summary>
    Model,

    /// <summary>The whole key is put aside.</summary>
    Key,
}

/// <summary>When the same route may be asked once more.</summary>
public enum Repeat
{
    Never,

    /// <summary>Once, with nothing else left in the chain; a first 5xx before the next model too.</summary>
    Trouble,

    /// <summary>Once its pause is over: with nothing else left, or before the next model where the pause is short.</summary>
    Pause,
}

/// <summary>What the provider's own words about a failure are good for.</summary>
public enum Words
{
    /// <summary>For nothing: our sentence says it.</summary>
    Ours,

    /// <summary>They stand beside our sentence, where they are about the workspace's own key.</summary>
    Beside,

    /// <summary>They and their status are the caller's answer.</summary>
    Answer,
}

/// <summary>All that follows from one class.</summary>
/// <param name="Code">The name used in attempt metadata, spans, metrics and policies.</param>
/// <param name="Crosses">The workspace's own key may hand over to the system key for the same model, as far as its policy names the class.</param>
/// <param name="NextModel">The next model of the chain may be tried.</param>
/// <param name="Repeat">When the same route may be.</param>
/// <param name="Key">What it does to the key's health.</param>
/// <param name="Words">What the provider's words are good for.</param>
internal sealed record Consequence(FailureClass Failure, string Code, bool Crosses, bool NextModel, Repeat Repeat = Repeat.Never, KeyEffect Key = KeyEffect.None, Words Words = Words.Ours);

/// <summary>What follows from a failure class. The one table; every stage asks here.</summary>
public static class FailureConsequences
{
    private static readonly ImmutableArray<Consequence> Table =
    [
        new(FailureClass.Unknown, "unknown", Crosses: false, NextModel: false),
        new(FailureClass.Credential, "credential", Crosses: true, NextModel: true, Key: KeyEffect.Key),
        new(FailureClass.Quota, "quota", Crosses: true, NextModel: true, Key: KeyEffect.Key),
        new(FailureClass.RateLimit, "rate_limit", Crosses: true, NextModel: true, Repeat.Pause, KeyEffect.Model),
        new(FailureClass.ModelAccess, "model_access", Crosses: true, NextModel: true, Words: Words.Beside),
        new(FailureClass.RegionBlocked, "region_blocked", Crosses: false, NextModel: true),
        // Not a matter of whose key it is, so only a policy that names it lets it cross; none does unless somebody says so.
        new(FailureClass.Transient, "transient", Crosses: true, NextModel: true, Repeat.Trouble),
        new(FailureClass.Affinity, "credential_affinity", Crosses: false, NextModel: true, Words: Words.Answer),
        new(FailureClass.ContextLength, "context_length", Crosses: false, NextModel: true, Words: Words.Answer),
        new(FailureClass.CallerFault, "caller_fault", Crosses: false, NextModel: false, Words: Words.Answer),
        new(FailureClass.ShuttingDown, "shutting_down", Crosses: false, NextModel: false),
        new(FailureClass.Unsupported, "unsupported", Crosses: false, NextModel: true),
    ];

    private static readonly ImmutableArray<Consequence> ByClass = [.. Enum.GetValues<FailureClass>().Order().Select(failure => Table.Single(row => row.Failure == failure))];

    internal static Consequence Of(FailureClass failure) => ByClass[(int)failure];

    /// <summary>Whether the workspace's own key may hand over to the system key for the same model.</summary>
    public static bool MayCrossToSystem(FailureClass failure, WorkspacePolicy policy) => Of(failure).Crosses && policy.CrossToSystem.Contains(failure);

    /// <summary>Whether the next model in the chain may be tried.</summary>
    public static bool MayTryNextModel(FailureClass failure) => Of(failure).NextModel;

    /// <summary>Whether one more try on the same route is worth it when nothing else is left.</summary>
    public static bool MayRepeat(FailureClass failure) => Of(failure).Repeat == Repeat.Trouble;

    /// <summary>What it does to the health of the key it was met with.</summary>
    public static KeyEffect OnKey(FailureClass failure) => Of(failure).Key;

    /// <summary>The name used in attempt metadata, spans and metrics.</summary>
    public static string Code(FailureClass failure) => Of(failure).Code;

    /// <summary>The class of a <see cref="Code"/>; null for any other text.</summary>
    public static FailureClass? Parse(string code)
    {
        foreach (Consequence row in Table)
        {
            if (row.Code == code)
            {
                return row.Failure;
            }
        }

        return null;
    }
}
