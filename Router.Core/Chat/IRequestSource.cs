using Microsoft.Extensions.AI;
using Router.Core.Routing;

namespace Router.Core.Chat;

/// <summary>
/// The caller's bytes, read only by who asks: most requests go out in the dialect they came in, and nobody needs what they say in types.
/// Not to be read once the request has been answered: their memory is another request's then.
/// </summary>
public interface IRequestSource
{
    /// <summary>Fills the typed members.</summary>
    void Fill(ChatOptions typed);

    /// <summary>The sampling parameters alone, for telemetry. What cannot be read is left out.</summary>
    ChatOptions Sampling();

    /// <summary>What the request needs of a model; the typed view would say it less well.</summary>
    RequestNeeds Needs();

    /// <summary>About how many tokens its prompt is, by the rule of <see cref="TokenEstimate"/>.</summary>
    long PromptTokens();

    /// <summary>Whether it says that the model is to reason: in the dialect's words or another's.</summary>
    bool AsksToReason();

    /// <summary>How many tokens the answer may have by it; null where it does not say.</summary>
    int? MostTokens();
}
