using System.Diagnostics;
using Microsoft.Extensions.AI;
using Router.Core.Telemetry;

namespace Router.Core.Chat;

/// <summary>The sampling parameters of a request, on its attempts' spans under the names of the GenAI conventions.</summary>
internal static class SamplingTags
{
    public static void Set(Activity activity, ChatOptions? options)
    {
        if (options is RouterChatOptions { ReadSampling: { } read })
        {
            // The caller's bytes say it; the typed members are not filled on the way through.
            options = read();
        }

        if (options is null)
        {
            return;
        }

        activity.SetTag(Tags.Temperature, options.Temperature);
        activity.SetTag(Tags.TopP, options.TopP);
        activity.SetTag(Tags.TopK, options.TopK);
        activity.SetTag(Tags.MaxTokens, options.MaxOutputTokens);
        activity.SetTag(Tags.FrequencyPenalty, options.FrequencyPenalty);
        activity.SetTag(Tags.PresencePenalty, options.PresencePenalty);
        activity.SetTag(Tags.Seed, options.Seed);
        activity.SetTag(Tags.StopSequences, options.StopSequences is { Count: > 0 } stops ? stops.ToArray() : null);
        activity.SetTag(Tags.OutputType, options.ResponseFormat switch
        {
            ChatResponseFormatText => "text",
            ChatResponseFormatJson => "json",
            _ => null,
        });
    }
}
