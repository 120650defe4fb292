using System.Text.Json;
using Microsoft.Extensions.AI;
using Router.Core.Providers.OpenAI;
using Router.Core.Wire;

namespace Router.Api.Dialects.OpenAI;

/// <summary>
/// The members of a request, at the top level and inside <c>extra_body</c>. SDKs flatten that object or send it as it
/// is; the nested member wins. A JSON null counts as absent.
/// </summary>
internal sealed class RequestMembers(JsonObject body, JsonObject? extra)
{
    /// <summary>Nothing but what goes to the provider: no member of the router's own, nor one that may be. Most requests are so.</summary>
    public bool IsPlain { get; } = extra is null && IsAllProviders(body);

    /// <summary>The member's JSON; null when absent.</summary>
    public (JsonTokenType Kind, ReadOnlyMemory<byte> Json)? Find(string name) =>
        Find(extra, name) ?? Find(body, name);

    public string? String(string name)
    {
        if (Find(name) is not { } member)
        {
            return null;
        }

        if (member.Kind != JsonTokenType.String)
        {
            throw ChatRequestReader.Invalid(name, "must be a string");
        }

        var reader = new Utf8JsonReader(member.Json.Span, JsonDepth.Reader);
        reader.Read();
        return reader.GetString() is { Length: > 0 } text ? text : throw ChatRequestReader.Invalid(name, "must not be empty");
    }

    public bool? Bool(string name) => Find(name) switch
    {
        null => null,
        { Kind: JsonTokenType.True } => true,
        { Kind: JsonTokenType.False } => false,
        _ => throw ChatRequestReader.Invalid(name, "must be true or false"),
    };

    public JsonElement? Object(string name) => Find(name) switch
    {
        null => null,
        { Kind: JsonTokenType.StartObject } member => Parse(member.Json),
        _ => throw ChatRequestReader.Invalid(name, "must be an object"),
    };

    /// <summary>The text of a member that is an object; null where it is absent, and for anything else.</summary>
    public ReadOnlyMemory<byte>? ObjectText(string name) => Find(name) is { Kind: JsonTokenType.StartObject } member ? member.Json : (ReadOnlyMemory<byte>?)null;

    /// <summary>A list of strings; one string counts as a list of it.</summary>
    public string[] Strings(string name)
    {
        switch (Find(name))
        {
            case null:
                return [];
            case { Kind: JsonTokenType.String }:
                return [String(name)!];
            case { Kind: JsonTokenType.StartArray } member:
                JsonElement list = Parse(member.Json);
                return [.. list.EnumerateArray().Select((item, i) => item.ValueKind == JsonValueKind.String && item.GetString() is { Length: > 0 } text
                    ? text
                    : throw ChatRequestReader.Invalid($"{name}[{i}]", "must be a non-empty string"))];
            default:
                throw ChatRequestReader.Invalid(name, "must be a list of strings");
        }
    }

    /// <summary>The request as a leaf of the same dialect may send it.</summary>
    public WireRequest ToWire(IReadOnlyList<ChatMessage> typed, MessageMarks marks)
    {
        if (IsPlain)
        {
            return new WireRequest(body, typed, [], []) { Marks = marks };
        }

        List<string> own = [];
        foreach (JsonMember member in body.Members)
        {
            if (RouterMembers.All.Contains(member.Name))
            {
                own.Add(member.Name);
            }
        }

        List<KeyValuePair<string, ReadOnlyMemory<byte>>> lifted = [];
        if (extra is not null)
        {
            foreach (JsonMember member in extra.Members)
            {
                if (!member.IsNull && !RouterMembers.All.Contains(member.Name) && member.Name != RouterMembers.Metadata)
                {
                    lifted.Add(new(member.Name, extra.Value(member)));
                }
            }
        }

        AddMetadata(own, lifted);
        return new WireRequest(body, typed, own, lifted) { Marks = marks };
    }

    /// <summary>Both maps merge; the result is OpenAI's own member only if every value is a string.</summary>
    private void AddMetadata(List<string> own, List<KeyValuePair<string, ReadOnlyMemory<byte>>> lifted)
    {
        JsonElement? outer = Metadata(body);
        JsonElement? inner = extra is null ? null : Metadata(extra);
        if (new[] { outer, inner }.Any(map => map is { } some && some.EnumerateObject().Any(entry => entry.Value.ValueKind != JsonValueKind.String)))
        {
            own.Add(RouterMembers.Metadata);
            return;
        }

        if (inner is null)
        {
            return;
        }

        var merged = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (JsonElement? map in (ReadOnlySpan<JsonElement?>)[outer, inner])
        {
            foreach (JsonProperty entry in map?.EnumerateObject() ?? default)
            {
                merged[entry.Name] = entry.Value.GetString()!;
            }
        }

        lifted.Add(new(RouterMembers.Metadata, JsonText.Write(writer =>
        {
            writer.WriteStartObject();
            foreach ((string name, string value) in merged)
            {
                writer.WriteString(name, value);
            }

            writer.WriteEndObject();
        })));
    }

    /// <summary>Both maps in one, the nested entries winning; null when there is neither.</summary>
    public JsonElement? Metadata()
    {
        JsonElement? outer = Metadata(body);
        JsonElement? inner = extra is null ? null : Metadata(extra);
        if (outer is null || inner is null)
        {
            return inner ?? outer;
        }

        var nested = inner.Value.EnumerateObject().Select(entry => entry.Name).ToHashSet(StringComparer.Ordinal);
        return Parse(JsonText.Write(writer =>
        {
            writer.WriteStartObject();
            foreach (JsonProperty entry in outer.Value.EnumerateObject().Where(entry => !nested.Contains(entry.Name)).Concat(inner.Value.EnumerateObject()))
            {
                writer.WritePropertyName(entry.Name);
                writer.WriteRawValue(entry.Value.GetRawText(), skipInputValidation: true);
            }

            writer.WriteEndObject();
        }));
    }

    private static JsonElement? Metadata(JsonObject source) => Find(source, RouterMembers.Metadata) switch
    {
        null => null,
        { Kind: JsonTokenType.StartObject } member => Parse(member.Json),
        _ => throw ChatRequestReader.Invalid(RouterMembers.Metadata, "must be an object"),
    };

    private static bool IsAllProviders(JsonObject body)
    {
        foreach (ref readonly JsonMember member in body.Members)
        {
            if (RouterMembers.All.Contains(member.Name) || member.Name == RouterMembers.Metadata)
            {
                return false;
            }
        }

        return true;
    }

    private static (JsonTokenType Kind, ReadOnlyMemory<byte> Json)? Find(JsonObject? source, string name) =>
        source?.Find(name) is { IsNull: false } member ? (member.Kind, source.Value(member)) : null;

    private static JsonElement Parse(ReadOnlyMemory<byte> json)
    {
        var reader = new Utf8JsonReader(json.Span, JsonDepth.Reader);
        return JsonElement.ParseValue(ref reader);
    }
}
