using Microsoft.Extensions.AI;
using Router.Core.Routing;

namespace Router.Core.Chat.State;

/// <summary>
/// Keeps opaque state with the key that issued it. Nothing is remembered between requests, so the issuer is taken to be the first
/// key of the plan at the first provider that carries the kind; a provider that disowns the state corrects that.
/// </summary>
/// <param name="Refused">This key must not serve the conversation.</param>
/// <param name="Without">What it must be sent without.</param>
internal readonly record struct CredentialAffinity(bool Refused, OpaqueState Without)
{
    public static CredentialAffinity Judge(RouteRequest request, PlanEntry entry, IEnumerable<ChatMessage> messages)
    {
        var entries = request.Plan!.Entries;
        if (request.Disowned == OpaqueState.None && ReferenceEquals(entry, entries[0]))
        {
            return default;
        }

        OpaqueState foreign = request.Disowned;
        foreach (OpaqueState kind in (ReadOnlySpan<OpaqueState>)[OpaqueState.SealedThinking, OpaqueState.ThoughtSignatures, OpaqueState.References])
        {
            if ((Found(request, messages) & kind) != 0
                && Issuer(entries, kind) is { } issuer
                && issuer.Step <= entry.Step
                && issuer.Credential.Id != entry.Credential.Id)
            {
                foreign |= kind;
            }
        }

        if (foreign == OpaqueState.None)
        {
            return default;
        }

        // Thoughts that led to a call must come back with its result, or the provider refuses the turn.
        bool needed = (foreign & OpaqueStates.CarriedBy(entry.Provider.Definition.Dialect) & OpaqueState.SealedThinking) != 0 && OpaqueStateReader.IsAmidCalls(messages);
        return new CredentialAffinity(needed || request.Options.Strict || (foreign & ~OpaqueStates.Dispensable) != 0, foreign);
    }

    /// <summary>What the conversation holds; looked for once.</summary>
    public static OpaqueState Found(RouteRequest request, IEnumerable<ChatMessage> messages) =>
        request.OpaqueState ??= OpaqueStateReader.Find(messages);

    private static PlanEntry? Issuer(IEnumerable<PlanEntry> entries, OpaqueState kind) =>
        entries.FirstOrDefault(entry => (OpaqueStates.CarriedBy(entry.Provider.Definition.Dialect) & kind) != 0);
}
