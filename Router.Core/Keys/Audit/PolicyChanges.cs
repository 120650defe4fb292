using System.Text.Json.Nodes;

namespace Router.Core.Keys;

/// <summary>Which members of a policy a change touched.</summary>
internal static class PolicyChanges
{
    /// <returns>A JSON object of the changed members, each with <c>from</c> and <c>to</c>; empty when none did.</returns>
    public static string Between(WorkspacePolicyDocument before, WorkspacePolicyDocument after)
    {
        var (from, to) = (JsonNode.Parse(before.ToJson(), documentOptions: Wire.JsonDepth.Document)!.AsObject(), JsonNode.Parse(after.ToJson(), documentOptions: Wire.JsonDepth.Document)!.AsObject());
        var changes = new JsonObject();
        foreach (var name in to.Concat(from).Select(member => member.Key).Distinct())
        {
            if (!JsonNode.DeepEquals(from[name], to[name]))
                changes[name] = new JsonObject { ["from"] = from[name]?.DeepClone(), ["to"] = to[name]?.DeepClone() };
        }

        return changes.ToJsonString();
    }
}
