using System.Text;
using Microsoft.Extensions.AI;
using Router.Core.Catalog;
using Router.Core.Routing;

namespace Router.Core.Chat;

/// <summary>What a request needs of a model, by its typed view.</summary>
internal static class TypedNeeds
{
    public static RequestNeeds Of(IEnumerable<ChatMessage> messages, ChatOptions options)
    {
        ModelFeatures features = ModelFeatures.Text
            | (options.Tools is { Count: > 0 } ? ModelFeatures.Tools : 0)
            | (options.ResponseFormat is ChatResponseFormatJson { Schema: not null } ? ModelFeatures.ResponseSchema : 0);
        long bytes = 0;
        foreach (AIContent content in messages.SelectMany(message => message.Contents))
        {
            bytes += content is TextContent text ? Encoding.UTF8.GetByteCount(text.Text) : 0;
            features |= content switch
            {
                DataContent data => Of(data.MediaType),
                UriContent link => Of(link.MediaType),
                _ => 0,
            };
        }

        return new RequestNeeds(features, bytes);
    }

    private static ModelFeatures Of(string mediaType) =>
        mediaType.StartsWith("image/", StringComparison.OrdinalIgnoreCase) ? ModelFeatures.Images
        : mediaType.StartsWith("audio/", StringComparison.OrdinalIgnoreCase) ? ModelFeatures.Audio
        : mediaType.Equals("application/pdf", StringComparison.OrdinalIgnoreCase) ? ModelFeatures.Documents
        : ModelFeatures.None;
}
