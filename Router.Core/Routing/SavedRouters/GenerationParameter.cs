using System.Collections.Immutable;
using System.Text.Json;

namespace Router.Core.Routing.SavedRouters;

/// <param name="Read">The value as a request has it: null where it cannot be one, empty where it says nothing.</param>
internal sealed record GenerationParameter(string Name, Func<JsonElement, ReadOnlyMemory<byte>?> Read)
{
    /// <summary>Its name in a request, where that is another.</summary>
    public string? Request { get; init; }

    /// <summary>As in <see cref="RequestMember"/>; unset where only its own name counts.</summary>
    public ImmutableArray<string> UnlessGiven { get; init; }
}
