using System.Globalization;
using System.Text.RegularExpressions;
using Router.Core.Wire;

namespace Router.Core.Providers.Anthropic;

/// <summary>
/// What a Claude model accepts, told by the family and version in its id. An id that says neither is taken for a current
/// model, which accepts least.
/// </summary>
internal sealed partial record AnthropicModel(string Family, decimal Version)
{
    private static readonly AnthropicModel Current = new("", 5.0m);

    private static readonly Remembered<string, AnthropicModel> Known = new(Read);

    /// <summary>Thinking by a budget of tokens.</summary>
    public bool ThinkingByBudget => Version is >= 3.7m and <= 4.5m;

    /// <summary>Thinking as the model sees fit, steered by effort.</summary>
    public bool ThinkingAdaptive => Version >= 4.6m;

    /// <summary>Thinks unless told otherwise.</summary>
    public bool ThinksByDefault => Version >= 5.0m;

    /// <summary>Thinking can be turned off where it is on by default.</summary>
    public bool ThinkingCanBeDisabled => Version < 5.5m;

    /// <summary>The lowest thinking of a model that cannot stop is named differently there.</summary>
    public bool ThinksBetweenTools => Version >= 5.5m && Family == "sonnet";

    /// <summary>Shows its thinking only when asked to.</summary>
    public bool HidesThinking => Version >= 4.7m;

    public bool Effort => Version >= 4.6m || (Version == 4.5m && Family == "opus");

    /// <summary>The highest effort it knows.</summary>
    public string MostEffort => Version >= 4.6m ? "max" : "high";

    public bool ExtraHighEffort => Version >= 4.7m;

    /// <summary>Refuses temperature, top_p and top_k altogether.</summary>
    public bool RefusesSampling => Version >= 4.7m && !(Family == "haiku" && Version < 5.5m);

    /// <summary>Takes temperature or top_p, not both.</summary>
    public bool OneSamplingOnly => Version >= 4.5m;

    /// <summary>Refuses to be made to call a tool.</summary>
    public bool RefusesForcedTools => Version >= 5.5m && Family is ("opus" or "sonnet");

    /// <summary>Structured output by its own means; older ones are given a tool to answer with.</summary>
    public bool NativeFormat => Version >= 4.5m || (Version == 4.1m && Family == "opus");

    /// <summary>System messages within the conversation.</summary>
    public bool LateSystem => Version >= 5.0m && Family == "opus";

    /// <summary>Output tokens when the caller names no limit: the API wants one, so it gets the model's own.</summary>
    public int OutputLimit => Version switch
    {
        < 3.5m => 4_096,
        < 3.7m => 8_192,
        < 4.5m when Family == "opus" => 32_000,
        _ => 64_000,
    };

    public static AnthropicModel Of(string id) => Known.Of(id);

    private static AnthropicModel Read(string id)
    {
        Match match = Named().Match(id);
        if (!match.Success)
        {
            match = Numbered().Match(id);
        }

        return match.Success
            ? new AnthropicModel(match.Groups["family"].Value, decimal.Parse($"{match.Groups["major"].Value}.{(match.Groups["minor"].Success ? match.Groups["minor"].Value : "0")}", CultureInfo.InvariantCulture))
            : Current;
    }

    /// <summary>claude-opus-4-5-20250929, claude-sonnet-5, claude-haiku-4-5@20251001. A date is no minor version.</summary>
    [GeneratedRegex(@"claude-(?<family>opus|sonnet|haiku)-(?<major>\d{1,2})(?:[-.](?<minor>\d)(?!\d))?", RegexOptions.CultureInvariant)]
    private static partial Regex Named();

    /// <summary>claude-3-5-sonnet-20241022, claude-3-opus.</summary>
    [GeneratedRegex(@"claude-(?<major>\d)(?:[-.](?<minor>\d))?-(?<family>opus|sonnet|haiku)", RegexOptions.CultureInvariant)]
    private static partial Regex Numbered();
}
