using Router.Core.Failures;
using Router.Core.Providers;

namespace Router.Core.Chat;

/// <summary>
/// What a request loses on its way into another dialect. A leaf reports each loss while it writes the request and calls
/// <see cref="ThrowIfStrict"/> before it sends it: the caller is told in <c>metadata.warnings</c>, or refused when strict.
/// </summary>
public sealed class Losses(ProviderDefinition provider, RouterChatOptions? options)
{
    private readonly CappedSet _members = new("{0} more");

    /// <param name="member">The request member, by its wire name.</param>
    /// <param name="what">What becomes of it, as the rest of a sentence: "has no equivalent and is left out".</param>
    public void Report(string member, string what)
    {
        _members.Add(member);
        if (options?.Request.Warnings.IsFull == true)
        {
            return;
        }

        options?.Request.Warnings.Add($"'{member}' {what} ({provider.DisplayName}).");
    }

    /// <exception cref="RouterException">The request is strict and loses something.</exception>
    public void ThrowIfStrict()
    {
        if (_members.Count > 0 && options is { Request.Options.Strict: true })
        {
            throw new RouterException(RouterError.InvalidRequest(
                $"The request is strict and {provider.DisplayName} cannot carry: {string.Join(", ", _members)}.", _members.First));
        }
    }
}
