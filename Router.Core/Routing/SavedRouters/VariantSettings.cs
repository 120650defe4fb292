using System.Collections.Immutable;
using System.Text.Json;

namespace Router.Core.Routing.SavedRouters;

/// <summary>What a variant, or the defaults of all variants, adds to a request.</summary>
public sealed record VariantSettings
{
    public static VariantSettings None { get; } = new();

    /// <summary>Any model name a request may have, but no saved router.</summary>
    public string? ModelId { get; init; }

    public ModelSelection? Selection { get; init; }

    public GenerationConfig? Generation { get; init; }

    /// <summary>Stand before the request's own messages.</summary>
    public ImmutableArray<MessageTemplate> Templates { get; init; } = [];

    public ImmutableArray<KeyValuePair<string, JsonElement>> Kept { get; init; } = [];

    /// <summary>The model to ask for; null where neither a model nor a choice of models is set.</summary>
    public string? Model => ModelId ?? (Selection is null ? null : ModelSelection.Auto);

    /// <summary>What a request gets that has no such members itself, its model and messages apart.</summary>
    public IEnumerable<RequestMember> ToRequest() => [.. Selection?.ToRequest() ?? [], .. Generation?.Request ?? []];

    /// <summary>
    /// These settings where they say something, else <paramref name="defaults"/>: a model and a choice of models replace
    /// both of the defaults', templates replace templates, generation parameters merge one by one.
    /// </summary>
    public VariantSettings Over(VariantSettings defaults) => new()
    {
        ModelId = Model is null ? defaults.ModelId : ModelId,
        Selection = Model is null ? defaults.Selection : Selection,
        Generation = Generation?.Over(defaults.Generation) ?? defaults.Generation,
        Templates = Templates.IsEmpty ? defaults.Templates : Templates,
    };
}
