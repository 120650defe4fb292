using Microsoft.Extensions.AI;

namespace Router.Core.Providers;

/// <summary>
/// Token counts of any dialect in one vocabulary, which its readers write and prices and receipts read. Cached and written input is part of
/// the input, reasoning part of the output, however the provider puts it. What the provider did not count is null.
/// </summary>
public sealed class MeteredUsage : UsageDetails
{
    /// <summary>The name of <see cref="CacheWrite"/> among the additional counts.</summary>
    public const string CacheWriteName = "cache_write_tokens";

    /// <summary>That of <see cref="CacheWriteLong"/>.</summary>
    public const string CacheWriteLongName = "cache_write_1h_tokens";

    /// <summary>That of <see cref="InputAudio"/>.</summary>
    public const string InputAudioName = "input_audio_tokens";

    /// <summary>That of <see cref="OutputAudio"/>.</summary>
    public const string OutputAudioName = "output_audio_tokens";

    /// <summary>Written to the provider's cache, however long it is kept.</summary>
    public long? CacheWrite
    {
        get => Additional(CacheWriteName);
        init => Add(CacheWriteName, value);
    }

    /// <summary>Of those, the ones that are kept for an hour or longer.</summary>
    public long? CacheWriteLong
    {
        get => Additional(CacheWriteLongName);
        init => Add(CacheWriteLongName, value);
    }

    /// <summary>Of the input.</summary>
    public long? InputAudio
    {
        get => Additional(InputAudioName);
        init => Add(InputAudioName, value);
    }

    /// <summary>Of the output.</summary>
    public long? OutputAudio
    {
        get => Additional(OutputAudioName);
        init => Add(OutputAudioName, value);
    }

    /// <summary>What the price depends on, in the words of <see cref="Catalog.ServiceTiers"/>; null for the standard tier.</summary>
    public string? ServiceTier { get; init; }

    private long? Additional(string name) => AdditionalCounts is { } counts && counts.TryGetValue(name, out long count) ? count : null;

    private void Add(string name, long? count)
    {
        if (count is { } some and not 0)
        {
            (AdditionalCounts ??= new AdditionalPropertiesDictionary<long>())[name] = some;
        }
    }
}
