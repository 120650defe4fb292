using System.Text.Json;
using Router.Core.Chat;
using Router.Core.Wire;

namespace Router.Core.Providers.OpenAI;

/// <summary>Applies a provider's quirks to a request body on its way out. Nothing applicable, nothing touched.</summary>
internal static class OpenAIQuirks
{
    /// <param name="members">The members the body will have, by name; the router's own are not among them.</param>
    /// <param name="marks">Of its messages.</param>
    public static void Apply(JsonSplice splice, IReadOnlyDictionary<string, ReadOnlyMemory<byte>> members, MessageMarks marks, string model, Quirks quirks, Losses losses)
    {
        ModelQuirk? special = quirks.OfModel(model);
        foreach ((string name, ReadOnlyMemory<byte> json) in members)
        {
            string? renamed = special?.Renamed.GetValueOrDefault(name) ?? quirks.Renamed.GetValueOrDefault(name);
            if (renamed is not null)
            {
                splice.Remove(name);
                if (!IsGiven(members, renamed) && IsGiven(members, name))
                {
                    splice.Set(renamed, json);
                }
            }
            else if (quirks.Exclusive.Any(pair => pair.Dropped == name && IsGiven(members, pair.Kept)))
            {
                splice.Remove(name);
            }
            else if (quirks.Refused.Contains(name) || special?.Refused.Contains(name) == true || (quirks.Accepted.Count > 0 && !quirks.Accepted.Contains(name)))
            {
                splice.Remove(name);
                if (!AsksForNothing(name, json.Span))
                {
                    losses.Report(name, "is refused there and is left out");
                }
            }
            else if (name == "reasoning_effort" && special?.Efforts.FirstOrDefault(effort => json.Span.SequenceEqual(JsonText.Quote(effort.Key))) is { Key: not null } effort)
            {
                splice.Set(name, JsonText.Quote(effort.Value));
                losses.Report(name, $"is not known there as {effort.Key} and becomes {effort.Value}");
            }
            else if (name == "messages" && OpenAIMessageQuirks.Concern(marks, quirks))
            {
                splice.Set(name, OpenAIMessageQuirks.Rewrite(json, quirks));
            }
        }
    }

    /// <summary>Whether <see cref="Apply"/> could change anything: for most requests it could not, and need not be prepared for.</summary>
    public static bool Concern(WireRequest wire, string model, Quirks quirks)
    {
        ModelQuirk? special = quirks.OfModel(model);
        foreach (ref readonly JsonMember member in wire.Body.Members)
        {
            if (Concern(member.Name, wire.Marks, special, quirks))
            {
                return true;
            }
        }

        return wire.Lifted.Count > 0;
    }

    private static bool Concern(string name, MessageMarks marks, ModelQuirk? special, Quirks quirks) => name switch
    {
        "model" or "stream" or "stream_options" => false,
        "messages" => OpenAIMessageQuirks.Concern(marks, quirks),
        "reasoning_effort" when special is not null => true,
        _ => quirks.Renamed.ContainsKey(name) || special?.Renamed.ContainsKey(name) == true
            || quirks.Refused.Contains(name) || special?.Refused.Contains(name) == true
            || (quirks.Accepted.Count > 0 && !quirks.Accepted.Contains(name))
            || IsDropped(name, quirks),
    };

    private static bool IsDropped(string name, Quirks quirks)
    {
        foreach ((string dropped, _) in quirks.Exclusive)
        {
            if (dropped == name)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A JSON null is as good as absent.</summary>
    private static bool IsGiven(IReadOnlyDictionary<string, ReadOnlyMemory<byte>> members, string name) =>
        members.TryGetValue(name, out ReadOnlyMemory<byte> json) && !json.Span.SequenceEqual("null"u8);

    /// <summary>Values that say no more than their absence.</summary>
    private static bool AsksForNothing(string name, ReadOnlySpan<byte> json) =>
        json.SequenceEqual("null"u8) || json.SequenceEqual("false"u8) || json.SequenceEqual("{}"u8) || json.SequenceEqual("[]"u8)
        || (name is "n" or "temperature" or "top_p" && (json.SequenceEqual("1"u8) || json.SequenceEqual("1.0"u8)))
        || (name is "frequency_penalty" or "presence_penalty" && (json.SequenceEqual("0"u8) || json.SequenceEqual("0.0"u8)));
}
