using Router.Core.Keys;

namespace Router.Core.Providers;

/// <summary>
/// Which keys the simulator has something to say of. It reads a key's meaning from its text; of any other key, a real one above all, it
/// knows nothing, and what it would answer is nobody's judgement.
/// </summary>
public static class SimulatorKeys
{
    /// <summary>Whether a key may be taken to who answers for the provider now.</summary>
    public static bool MayJudge(Provider provider, Secret key) => !provider.Simulated || IsOne(key.Reveal()) || IsOne(AccountName.Of(key)?.Email);

    /// <summary>What a check of another key finds at a simulated provider: nothing.</summary>
    public static KeyCheckResult Unasked(ProviderDefinition provider) => new(
        KeyCheckOutcome.Unverifiable,
        $"{provider.DisplayName} is simulated here: nobody asked {provider.DisplayName} about this key, so nothing is known of it. It is checked once an administrator makes {provider.DisplayName} live.");

    private static bool IsOne(string? text) =>
        text is not null && (text.StartsWith("sim-", StringComparison.Ordinal) || (!text.StartsWith('{') && text.Contains("-sim-", StringComparison.Ordinal)));
}
