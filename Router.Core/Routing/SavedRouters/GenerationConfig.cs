using System.Collections.Immutable;
using System.Text.Json;

namespace Router.Core.Routing.SavedRouters;

/// <summary>Generation parameters.</summary>
/// <param name="Written">As they were written, for showing.</param>
/// <param name="Request">As a request has them.</param>
public sealed record GenerationConfig(ImmutableArray<KeyValuePair<string, JsonElement>> Written, ImmutableArray<RequestMember> Request)
{
    /// <summary>These parameters, and the others of <paramref name="defaults"/>.</summary>
    public GenerationConfig Over(GenerationConfig? defaults) => defaults is null
        ? this
        : this with { Request = [.. Request, .. defaults.Request.Where(other => !Request.Any(own => own.UnlessGiven.Contains(other.Name)))] };
}
