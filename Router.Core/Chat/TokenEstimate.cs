using System.Text.Json;
using Microsoft.Extensions.AI;
using Router.Core.Providers.OpenAI;

namespace Router.Core.Chat;

/// <summary>
/// How many tokens something is where nobody counted, by one rule for receipts and limits: four characters of text are one; an image, a
/// recording or a file is a thousand, however many bytes it takes. What is no part of the prompt, such as router options, does not count.
/// </summary>
public static class TokenEstimate
{
    public const int CharactersPerToken = 4;

    public const int TokensPerMedium = 1_000;

    public static long Of(long characters, long media = 0) => ((characters + CharactersPerToken - 1) / CharactersPerToken) + (media * TokensPerMedium);

    /// <summary>Of a prompt that is known by its typed view.</summary>
    public static long OfPrompt(IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        long characters = options?.Instructions?.Length ?? 0;
        long media = 0;
        foreach (ChatMessage message in messages)
        {
            foreach (AIContent content in message.Contents)
            {
                characters += Length(content);
                media += content is DataContent or UriContent or HostedFileContent ? 1 : 0;
            }
        }

        foreach (AITool tool in options?.Tools ?? [])
        {
            characters += tool.Name.Length + tool.Description.Length + (tool is AIFunctionDeclaration { JsonSchema: { ValueKind: JsonValueKind.Object } schema } ? schema.GetRawText().Length : 0);
        }

        return Of(characters, media);
    }

    /// <summary>How long what a model says in these contents is, in characters.</summary>
    internal static long LengthOf(IList<AIContent> contents)
    {
        long characters = 0;
        for (int i = 0; i < contents.Count; i++)
        {
            characters += Length(contents[i]);
        }

        return characters;
    }

    private static long Length(AIContent content) => content switch
    {
        TextContent text => text.Text.Length,
        TextReasoningContent thought => thought.Text.Length,
        FunctionCallContent call => call.Name.Length + OpenAIThinking.Arguments(call).Length,
        FunctionResultContent result => result.Result switch
        {
            null => 0,
            string text => text.Length,
            JsonElement json => json.GetRawText().Length,
            var other => other.ToString()?.Length ?? 0,
        },
        _ => 0,
    };
}
