using Microsoft.Extensions.AI;
using Router.Core.Catalog;
using Router.Core.Providers;

namespace Router.Core.Chat;

/// <summary>
/// What one upstream request used: as the provider counted, and what it did not count as estimated from text. Receipts, prices and limits
/// go by this one count.
/// </summary>
/// <param name="Estimated">Part of it at least is the router's guess.</param>
/// <param name="ServiceTier">As <see cref="ServiceTiers"/> has it; null for the standard one.</param>
public readonly record struct AttemptTokens(TokenCounts Counts, bool Estimated, string? ServiceTier = null)
{
    /// <summary>What the attempt that has just ended used; null where nothing can have been billed.</summary>
    internal static AttemptTokens? Of(RouteRequest request, AttemptRecord record, IEnumerable<ChatMessage> messages, ChatOptions? options) =>
        Of(record, (request, messages, options), static asked => asked.request.EstimatePrompt(asked.messages, asked.options));

    /// <summary>What an attempt that is under way has used so far.</summary>
    /// <param name="prompt">About how many tokens the prompt is.</param>
    internal static AttemptTokens? SoFar(AttemptRecord record, long prompt) => Of(record, prompt, static known => known);

    private static AttemptTokens? Of<T>(AttemptRecord record, T asked, Func<T, long> prompt)
    {
        UsageDetails? usage = record.Usage;
        if (usage is { InputTokenCount: not null, OutputTokenCount: not null } && (record.Success || record.Finished))
        {
            return new(CountsOf(usage, 0, 0), false, (usage as MeteredUsage)?.ServiceTier);
        }

        if (usage is null && (!WasAsked(record) || IsRefused(record)))
        {
            return null;
        }

        // A stream that broke off may have said more than its last count holds.
        long least = record.Success && usage?.OutputTokenCount is { } told ? told : TokenEstimate.Of(record.Characters);
        usage ??= record.Meter?.SoFar;
        long input = usage?.InputTokenCount is { } counted ? counted : prompt(asked);
        return new(usage is null ? new TokenCounts(input, 0, 0, least, 0) : CountsOf(usage, input, least), true, (usage as MeteredUsage)?.ServiceTier);
    }

    /// <summary>The whole question left for the provider, or was answered before it had.</summary>
    private static bool WasAsked(AttemptRecord record) => record.Sent || record.Success || record.TimeToFirstToken is not null;

    /// <summary>The provider answered with an error and nothing else: that is not billed.</summary>
    private static bool IsRefused(AttemptRecord record) => record is { Error: { Status: >= 400 } or { InAnswer: true }, TimeToFirstToken: null };

    private static TokenCounts CountsOf(UsageDetails usage, long input, long leastOutput)
    {
        var metered = usage as MeteredUsage;
        return new(
            Sane(usage.InputTokenCount ?? input),
            Sane(usage.CachedInputTokenCount),
            Sane(metered?.CacheWrite),
            Sane(Math.Max(usage.OutputTokenCount ?? 0, leastOutput)),
            Sane(usage.ReasoningTokenCount))
        {
            CacheWriteLong = Sane(metered?.CacheWriteLong),
            InputAudio = Sane(metered?.InputAudio),
            OutputAudio = Sane(metered?.OutputAudio),
        };
    }

    /// <summary>A provider's count is not trusted to be one: no less than none, and no more than can be multiplied by a price.</summary>
    private static long Sane(long? tokens) => Math.Clamp(tokens ?? 0, 0, 1_000_000_000_000);
}
