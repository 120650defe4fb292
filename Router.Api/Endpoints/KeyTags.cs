using Router.Core.Keys;

namespace Router.Api.Endpoints;

/// <summary>
/// What a caller knows of a stored provider key, by <c>If-Match</c> and <c>If-None-Match</c>. A tag names a key in one version; checks
/// and uses of it, which change what is shown of the key, leave it alone.
/// </summary>
internal readonly record struct KeyTags(string? Match, string? NoneMatch)
{
    public static KeyTags None { get; }

    public bool IsEmpty => Match is null && NoneMatch is null;

    public static KeyTags Of(HttpRequest request) => new(Header(request.Headers.IfMatch), Header(request.Headers.IfNoneMatch));

    public static string Of(ProviderKeyRecord key) => $"\"{key.Id:N}-{key.Version}\"";

    /// <summary>Whether the caller's request is about what is stored now; null: nothing is.</summary>
    public bool Allow(ProviderKeyRecord? stored) =>
        (Match is null || (stored is not null && Names(Match, Of(stored)))) && (NoneMatch is null || stored is null || !Names(NoneMatch, Of(stored)));

    private static bool Names(string header, string tag) =>
        header.Trim() == "*" || header.Split(',', StringSplitOptions.TrimEntries).Contains(tag, StringComparer.Ordinal);

    private static string? Header(Microsoft.Extensions.Primitives.StringValues values) => values.Count == 0 ? null : values.ToString();
}
