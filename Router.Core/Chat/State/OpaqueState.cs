using Router.Core.Providers;

namespace Router.Core.Chat.State;

/// <summary>
/// Kinds of state that a provider hands out with an answer and wants back with the next turn. It is sealed with, or names what
/// belongs to, the account of the key that got it: to any other key it is foreign.
/// </summary>
[Flags]
public enum OpaqueState
{
    None = 0,

    /// <summary>Signed or sealed thinking: <c>thinking_blocks</c>.</summary>
    SealedThinking = 1,

    /// <summary>Signatures on tool calls: <c>extra_content.google.thought_signature</c>.</summary>
    ThoughtSignatures = 2,

    /// <summary>Names of what lies in an account: uploaded files, audio answers, encrypted reasoning. A request without them asks something else.</summary>
    References = 4,
}

internal static class OpaqueStates
{
    /// <summary>What a conversation may do without: the model loses its own train of thought, not the caller's words.</summary>
    public const OpaqueState Dispensable = OpaqueState.SealedThinking | OpaqueState.ThoughtSignatures;

    /// <summary>The kinds that requests of a dialect carry.</summary>
    public static OpaqueState CarriedBy(WireDialect dialect) => dialect switch
    {
        WireDialect.Anthropic => OpaqueState.SealedThinking,
        WireDialect.Gemini => OpaqueState.ThoughtSignatures,
        WireDialect.Vertex => OpaqueState.SealedThinking | OpaqueState.ThoughtSignatures,
        _ => OpaqueState.References,
    };

    /// <summary>The members a caller knows the kinds by.</summary>
    public static string Members(OpaqueState kinds) => string.Join(", ", Names(kinds));

    private static IEnumerable<string> Names(OpaqueState kinds)
    {
        if (kinds.HasFlag(OpaqueState.SealedThinking))
        {
            yield return "'thinking_blocks'";
        }

        if (kinds.HasFlag(OpaqueState.ThoughtSignatures))
        {
            yield return "'thought_signature'";
        }

        if (kinds.HasFlag(OpaqueState.References))
        {
            yield return "ids of files, audio or encrypted reasoning";
        }
    }
}
