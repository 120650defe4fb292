using Router.Core.Chat;
using Router.Core.Keys;

namespace Router.Core.Providers;

/// <summary>An upstream request, ready to be sent: the message itself, with what reading its answer takes. Sent once, by the leaf that prepared it.</summary>
/// <param name="attempt">Null for a caller that counts none.</param>
/// <param name="key">The key on it, so that it can be kept out of what is shown.</param>
public class PreparedRequest(Uri address, Attempt? attempt, Secret? key) : HttpRequestMessage(HttpMethod.Post, address)
{
    public Attempt? Attempt { get; } = attempt;

    public Secret? Key { get; internal set; } = key;

    /// <summary>The answer may come as a call of the tool that stands in for a format.</summary>
    internal bool FormatByTool { get; init; }
}
