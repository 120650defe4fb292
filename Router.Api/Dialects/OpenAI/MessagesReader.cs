using System.Text.Json;

namespace Router.Api.Dialects.OpenAI;

/// <summary>Checks the shape of <c>messages</c> without parsing their contents.</summary>
internal static class MessagesReader
{
    /// <inheritdoc cref="Check(RequestMembers, ref MessagesShape?)"/>
    public static ReadOnlyMemory<byte> Check(RequestMembers members)
    {
        MessagesShape? shape = null;
        return Check(members, ref shape);
    }

    /// <param name="shape">As it was found when the body was read; null where that was not of these messages, and set to theirs.</param>
    /// <returns>The array's bytes: at least one message, each an object that says its role.</returns>
    public static ReadOnlyMemory<byte> Check(RequestMembers members, ref MessagesShape? shape)
    {
        if (members.Find("messages") is not { } messages)
        {
            throw ChatRequestReader.Invalid("messages", "is required");
        }

        if (messages.Kind != JsonTokenType.StartArray)
        {
            throw ChatRequestReader.Invalid("messages", "must be a list");
        }

        shape ??= MessagesShape.Of(messages.Json.Span);
        return shape switch
        {
            { Fault: (var index, true) } => throw ChatRequestReader.Invalid($"messages[{index}].role", "is required and must be a string"),
            { Fault: (var index, false) } => throw ChatRequestReader.Invalid($"messages[{index}]", "must be an object"),
            { Count: 0 } => throw ChatRequestReader.Invalid("messages", "must not be empty"),
            _ => messages.Json,
        };
    }
}
