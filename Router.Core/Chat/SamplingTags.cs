using System.Diagnostics;
using Microsoft.Extensions.AI;
using Router.Core.Telemetry;

namespace Router.Core.Chat;

/// <summary>The sampling parameters of a request, on its attempts' spans under the names of the GenAI conventions.</summary>
internal static class SamplingTags
{
    public static void Set(Activity activity, ChatOptions? options)
    {
        if (options is RouterChatOptions { Request.Source: { } source })
        {
            // The typed members are not filled on the way through.
            options = source.Sampling();
        }

        if (options is null)
        {
            return;
        }

        activity.Tag(Tags.Temperature, options.Temperature);
        activity.Tag(Tags.TopP, options.TopP);
        activity.Tag(Tags.TopK, options.TopK);
        activity.Tag(Tags.MaxTokens, options.MaxOutputTokens);
        activity.Tag(Tags.FrequencyPenalty, options.FrequencyPenalty);
        activity.Tag(Tags.PresencePenalty, options.PresencePenalty);
        activity.Tag(Tags.Seed, options.Seed);
        activity.Tag(Tags.StopSequences, options.StopSequences is { Count: > 0 } stops ? stops.ToArray() : null);
        activity.Tag(Tags.OutputType, options.ResponseFormat switch
        {
            ChatResponseFormatText => "text",
            ChatResponseFormatJson => "json",
            _ => null,
        });
    }
}
