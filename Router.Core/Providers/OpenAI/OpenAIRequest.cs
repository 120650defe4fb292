using System.Text.Json;
using Microsoft.Extensions.AI;
using Router.Core.Chat;
using Router.Core.Failures;
using Router.Core.Wire;

namespace Router.Core.Providers.OpenAI;

/// <summary>
/// The request body. From the caller's bytes where they are in this dialect and still say what the typed view says:
/// then only the model, streaming and the router's own members change. Else written from the typed view.
/// </summary>
internal static class OpenAIRequest
{
    /// <exception cref="RouterException">The request is strict and the provider refuses part of it.</exception>
    public static ReadOnlyMemory<byte>[] Write(IChatClient leaf, IEnumerable<ChatMessage> messages, ChatOptions? options, bool stream, Provider provider) =>
        options?.RawRepresentationFactory?.Invoke(leaf) is WireRequest wire
            ? Splice(wire, messages, options, stream, provider)
            : [OpenAITypedRequest.Write(messages, options, stream, provider.Definition.Quirks)];

    private static ReadOnlyMemory<byte>[] Splice(WireRequest wire, IEnumerable<ChatMessage> messages, ChatOptions options, bool stream, Provider provider)
    {
        Quirks quirks = provider.Definition.Quirks;
        var splice = new JsonSplice(wire.Body);
        foreach (string member in wire.RouterMembers)
        {
            splice.Remove(member);
        }

        foreach ((string name, ReadOnlyMemory<byte> json) in wire.Lifted)
        {
            splice.Set(name, json);
        }

        splice.Set("model", JsonText.Quote(options.ModelId!));
        byte[]? written = ReferenceEquals(messages, wire.Typed) ? null : JsonText.Write(writer => OpenAIMessageWriter.Write(writer, messages));
        if (written is not null)
        {
            splice.Set("messages", written);
        }

        if (stream)
        {
            splice.Set("stream", JsonText.True);
            splice.Set("stream_options", StreamOptions(wire));
        }
        else if (wire.Body.Find("stream") is { Kind: JsonTokenType.True })
        {
            splice.Remove("stream").Remove("stream_options");
        }

        if (!quirks.StreamOptions)
        {
            splice.Remove("stream_options");
        }

        if (!ReferenceEquals(quirks, Quirks.None) && (written is not null || OpenAIQuirks.Concern(wire, options.ModelId!, quirks)))
        {
            var losses = new Losses(provider.Definition, options as RouterChatOptions);
            Dictionary<string, ReadOnlyMemory<byte>> members = Members(wire, provider.Simulated);
            if (written is not null)
            {
                members["messages"] = written;
            }

            OpenAIQuirks.Apply(splice, members, written is null ? wire.Marks : MessageMarks.Unknown, options.ModelId!, quirks, losses);
            losses.ThrowIfStrict();
        }

        return splice.ToPieces();
    }

    /// <summary>What the caller wrote and the provider will see; what the router sets itself is not among it.</summary>
    private static Dictionary<string, ReadOnlyMemory<byte>> Members(WireRequest wire, bool simulated)
    {
        var members = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        foreach (JsonMember member in wire.Body.Members)
        {
            if (member.Name is not ("model" or "stream" or "stream_options") && !wire.RouterMembers.Contains(member.Name))
            {
                members[member.Name] = wire.Body.Value(member);
            }
        }

        foreach ((string name, ReadOnlyMemory<byte> json) in wire.Lifted)
        {
            if (name is not ("model" or "stream" or "stream_options"))
            {
                members[name] = json;
            }
        }

        if (simulated)
        {
            // The simulator's own member, which no provider knows.
            members.Remove("simulate");
        }

        return members;
    }

    /// <summary>The caller's stream options with usage asked for: it is counted whether the caller wants to see it or not.</summary>
    private static byte[] StreamOptions(WireRequest wire)
    {
        foreach ((string name, ReadOnlyMemory<byte> json) in wire.Lifted)
        {
            if (name == "stream_options" && JsonObject.TryParse(json, out JsonObject? lifted))
            {
                return WithUsage(lifted);
            }
        }

        return wire.Body.Find("stream_options") is { Kind: JsonTokenType.StartObject } member
            ? WithUsage(JsonObject.Parse(wire.Body.Value(member)))
            : """{"include_usage":true}"""u8.ToArray();
    }

    private static byte[] WithUsage(JsonObject options) => new JsonSplice(options).Set("include_usage", JsonText.True).ToArray();
}
