using System.Collections.Immutable;

namespace Router.Core.Routing.SavedRouters;

/// <summary>A member a variant gives a request that has none of its own.</summary>
/// <param name="UnlessGiven">The names under which a request may have said the same itself; then its own stands.</param>
public sealed record RequestMember(string Name, ImmutableArray<string> UnlessGiven, ReadOnlyMemory<byte> Json);
