using Microsoft.Extensions.AI;
using Router.Core.Providers.OpenAI;

namespace Router.Core.Wire;

/// <summary>
/// The caller's request as it came, for a leaf of the same dialect. Valid only while the typed messages a leaf is given
/// are <see cref="Typed"/> itself: a stage that replaced them has said something the bytes do not.
/// </summary>
/// <param name="Body">The whole body.</param>
/// <param name="Typed">The typed view made of these bytes.</param>
/// <param name="RouterMembers">Members that are the router's own and never go upstream.</param>
/// <param name="Lifted">Members found inside <c>extra_body</c> that are the provider's; they stand at the top level upstream.</param>
public sealed record WireRequest(
    JsonObject Body,
    IReadOnlyList<ChatMessage> Typed,
    IReadOnlyList<string> RouterMembers,
    IReadOnlyList<KeyValuePair<string, ReadOnlyMemory<byte>>> Lifted)
{
    /// <summary>What its messages have that some providers take differently.</summary>
    public MessageMarks Marks { get; init; } = MessageMarks.Unknown;
}

/// <summary>A provider's whole answer as it came.</summary>
/// <param name="shared">The array of <see cref="SharedBytes"/> its text is in, to be released; null where it is in none.</param>
public sealed class WireResponse(JsonObject body, byte[]? shared = null)
{
    private JsonObject? _body = body;

    /// <summary>How long what the model says in it is, as in <see cref="WireChunk.Characters"/>.</summary>
    public int Characters { get; init; }

    /// <exception cref="ObjectDisposedException">It was released.</exception>
    public JsonObject Body => _body ?? throw new ObjectDisposedException(nameof(WireResponse));

    /// <summary>Gives the bytes back. What was not read of the answer by then cannot be read any more.</summary>
    public void Release()
    {
        if (_body is not null && shared is not null)
        {
            _body = null;
            SharedBytes.Return(shared);
        }
    }
}

/// <summary>One chunk of a provider's stream as it came.</summary>
/// <param name="HasContent">It carries text, a tool call, a refusal or reasoning.</param>
/// <param name="HasFinish">It carries a finish reason.</param>
/// <param name="HasUsage">It carries token counts.</param>
/// <param name="UsageOnly">It carries token counts and nothing else a caller waits for.</param>
/// <param name="Open">The choices it carries without a finish reason, a bit each.</param>
/// <param name="Finished">The choices it carries with one.</param>
public sealed record WireChunk(JsonObject Body, bool HasContent, bool HasFinish, bool HasUsage, bool UsageOnly, ulong Open = 0, ulong Finished = 0)
{
    /// <summary>How long what the model says in it is: text, reasoning, refusals, names and arguments of calls.</summary>
    public int Characters { get; init; }
}
