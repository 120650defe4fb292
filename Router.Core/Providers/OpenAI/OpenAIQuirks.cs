using System.Text.Json;
using Router.Core.Chat;
using Router.Core.Wire;

namespace Router.Core.Providers.OpenAI;

/// <summary>Applies a provider's quirks to a request body on its way out. Nothing applicable, nothing touched.</summary>
internal static class OpenAIQuirks
{
    private static readonly string[] LowEfforts = ["none", "minimal"];

    /// <param name="members">The members the body will have, by name; the router's own are not among them.</param>
    public static void Apply(JsonSplice splice, IReadOnlyDictionary<string, ReadOnlyMemory<byte>> members, string model, Quirks quirks, Losses losses)
    {
        foreach ((string name, ReadOnlyMemory<byte> json) in members)
        {
            if (json.Span.SequenceEqual("null"u8))
            {
                continue;
            }

            ModelQuirk? special = quirks.Models.FirstOrDefault(quirk => quirk.Model.IsMatch(model));
            string? renamed = special?.Renamed.GetValueOrDefault(name) ?? quirks.Renamed.GetValueOrDefault(name);
            if (renamed is not null)
            {
                splice.Remove(name);
                if (!members.ContainsKey(renamed))
                {
                    splice.Set(renamed, json);
                }
            }
            else if (quirks.Exclusive.Any(pair => pair.Dropped == name && members.ContainsKey(pair.Kept)))
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
            else if (name == "reasoning_effort" && special?.EffortFloor is { } floor && LowEfforts.Any(effort => json.Span.SequenceEqual(JsonText.Quote(effort))))
            {
                splice.Set(name, JsonText.Quote(floor));
                losses.Report(name, $"is not known there as low as this and becomes {floor}");
            }
            else if (name == "messages" && OpenAIMessageQuirks.Rewrite(json, quirks) is { } messages)
            {
                splice.Set(name, messages);
            }
        }
    }

    /// <summary>Values that say no more than their absence.</summary>
    private static bool AsksForNothing(string name, ReadOnlySpan<byte> json) =>
        json.SequenceEqual("false"u8) || json.SequenceEqual("{}"u8) || json.SequenceEqual("[]"u8)
        || (name == "n" && json.SequenceEqual("1"u8))
        || (name is "frequency_penalty" or "presence_penalty" && (json.SequenceEqual("0"u8) || json.SequenceEqual("0.0"u8)));
}
