using System.Text.Json;
using Router.Core.Chat;
using Router.Core.Wire;

namespace Router.Core.Providers.OpenAI;

/// <summary>Applies a provider's quirks to a request body on its way out. Nothing applicable, nothing touched.</summary>
internal static class OpenAIQuirks
{
    /// <param name="members">The members the body will have, by name; the router's own are not among them.</param>
    public static void Apply(JsonSplice splice, IReadOnlyDictionary<string, ReadOnlyMemory<byte>> members, string model, Quirks quirks, Losses losses)
    {
        foreach ((string name, ReadOnlyMemory<byte> json) in members)
        {
            ModelQuirk? special = quirks.Models.FirstOrDefault(quirk => quirk.Model.IsMatch(model));
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
            else if (name == "messages" && OpenAIMessageQuirks.Rewrite(json, quirks) is { } messages)
            {
                splice.Set(name, messages);
            }
        }
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
