using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Router.Core.Wire;

namespace Router.Core.Providers;

/// <summary>Where an OpenAI-dialect provider departs from OpenAI, as data. What none of it names goes through byte for byte.</summary>
public sealed class Quirks
{
    private readonly Remembered<string, ModelQuirk?> _byModel;

    public Quirks() => _byModel = new(model => Models.FirstOrDefault(quirk => quirk.Model.IsMatch(model)));

    public static Quirks None { get; } = new();

    /// <summary>False: refuses <c>stream_options</c>, and sends usage in streams anyway.</summary>
    public bool StreamOptions { get; init; } = true;

    /// <summary>The name of the output token limit for requests written from the typed view.</summary>
    public string OutputLimit { get; init; } = "max_completion_tokens";

    /// <summary>Members that have another name there and mean the same.</summary>
    public FrozenDictionary<string, string> Renamed { get; init; } = FrozenDictionary<string, string>.Empty;

    /// <summary>Members the provider refuses: left out, and the caller is told.</summary>
    public ImmutableArray<string> Refused { get; init; } = [];

    /// <summary>When not empty, the only members it takes; any other is refused with the whole request.</summary>
    public FrozenSet<string> Accepted { get; init; } = FrozenSet<string>.Empty;

    /// <summary>Pairs of members of which only the second may stand.</summary>
    public ImmutableArray<(string Dropped, string Kept)> Exclusive { get; init; } = [];

    /// <summary>What some of its models refuse, by the model's name.</summary>
    public ImmutableArray<ModelQuirk> Models { get; init; } = [];

    /// <summary>Has no developer role; the system role means the same there.</summary>
    public bool DeveloperIsSystem { get; init; }

    /// <summary>What reasoning in earlier answers is called; empty: it is no part of the conversation and is taken out; null: left as it is.</summary>
    public string? ReasoningHistory { get; init; }

    /// <summary>Tool-call ids are exactly nine letters or digits.</summary>
    public bool NineCharacterCallIds { get; init; }

    /// <summary>Answers may hold their content as a list of parts, reasoning among them; clients expect text.</summary>
    public bool ContentParts { get; init; }

    /// <summary>What this model departs in; null where it is like the provider's others.</summary>
    public ModelQuirk? OfModel(string model) => Models.IsEmpty ? null : _byModel.Of(model);
}

/// <param name="Model">Matches the names it is about.</param>
/// <param name="Refused">Left out, and the caller is told.</param>
/// <param name="Renamed">As for the provider.</param>
/// <param name="Efforts">Reasoning efforts it does not know, and what becomes of them.</param>
public sealed record ModelQuirk(Regex Model, ImmutableArray<string> Refused, FrozenDictionary<string, string> Renamed, FrozenDictionary<string, string> Efforts)
{
    /// <summary>Thinks before it speaks, unasked.</summary>
    public bool Reasons { get; init; }
}
