using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Router.Core.Failures;
using Router.Core.Routing.SavedRouters;

namespace Router.Api.Endpoints;

/// <summary>Which part of the list a request asks for. Tokens are opaque to callers.</summary>
/// <param name="After">The name the page begins after; empty for the first.</param>
internal sealed record SavedRouterPage(int Size, string After)
{
    private const int DefaultSize = 50;
    private const int MostSize = 200;

    /// <exception cref="RouterException">A parameter cannot be what it is.</exception>
    public static SavedRouterPage Read(IQueryCollection query) => new(ReadSize(query), ReadToken(query));

    public static string TokenAfter(string name) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(name));

    private static int ReadSize(IQueryCollection query) =>
        Value(query, "pageSize", "page_size") is not { } text ? DefaultSize
        : !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int size) ? throw new RouterException(RouterError.InvalidRequest("'pageSize' must be a whole number.", "pageSize"))
        : size == 0 ? DefaultSize
        : Math.Min(size, MostSize);

    private static string ReadToken(IQueryCollection query)
    {
        if (Value(query, "pageToken", "page_token") is not { } text)
        {
            return "";
        }

        Span<byte> bytes = stackalloc byte[96];
        return text.Length <= 96 && Base64Url.IsValid(text) && Base64Url.TryDecodeFromChars(text, bytes, out int length)
            && Encoding.UTF8.GetString(bytes[..length]) is var name && RouterName.IsValid(name)
            ? name
            : throw new RouterException(RouterError.InvalidRequest("'pageToken' is none that this list gave out.", "pageToken"));
    }

    private static string? Value(IQueryCollection query, string camel, string snake) =>
        query[camel].FirstOrDefault() is { Length: > 0 } one ? one
        : query[snake].FirstOrDefault() is { Length: > 0 } other ? other
        : null;
}
