using System.Collections.Immutable;
using System.Text.Json;
using Router.Core.Wire;

namespace Router.Core.Routing.SavedRouters;

/// <summary>A choice of models: the options a request would give with <c>auto</c>.</summary>
public sealed record ModelSelection
{
    /// <summary>The model name that stands for a choice.</summary>
    public const string Auto = "auto";

    public ImmutableArray<string> Models { get; init; } = [];

    public ImmutableArray<string> Ignore { get; init; } = [];

    /// <summary>Criteria by their names in a request, the first ranks.</summary>
    public ImmutableArray<string> Sort { get; init; } = [];

    /// <summary>The criteria as they were written: names, or objects of metric and direction.</summary>
    public ImmutableArray<JsonElement> SortWritten { get; init; } = [];

    /// <summary>The <c>provider</c> object, in a request's spelling.</summary>
    public ProviderPreference? Provider { get; init; }

    public ImmutableArray<KeyValuePair<string, JsonElement>> Kept { get; init; } = [];

    /// <summary>The members of a request that say the same.</summary>
    public IEnumerable<RequestMember> ToRequest()
    {
        foreach ((string name, ImmutableArray<string> list) in new[] { ("models", Models), ("ignore", Ignore), ("sort", Sort) })
        {
            if (!list.IsEmpty)
            {
                yield return new RequestMember(name, [name], JsonText.Write(writer => SavedRouterWriter.WriteList(writer, list)));
            }
        }

        if (Provider is { } provider)
        {
            yield return new RequestMember("provider", ["provider"], JsonText.Write(writer => provider.Write(writer, shown: false)));
        }
    }
}
