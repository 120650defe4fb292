using System.Globalization;

namespace Router.Simulator.Anthropic;

/// <summary>What a Claude model accepts, told from its id; an id of another shape is treated as version 4.5.</summary>
internal readonly struct ClaudeModel
{
    private readonly string _family;
    private readonly double _version;

    public ClaudeModel(string id)
    {
        var parts = id.Split('-', '@');
        _family = parts.Length > 1 ? parts[1] : "";
        _version = parts.Length > 2 && int.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out var major)
            ? major + (parts.Length > 3 && parts[3].Length == 1 ? (parts[3][0] - '0') / 10.0 : 0)
            : 4.5;
    }

    public bool TakesPrefill => _version <= 4.5;
    public bool TakesSystemTurns => _family == "opus" && _version >= 5;
    public bool TakesForcedTools => !(_version >= 5.5 && _family is "opus" or "sonnet");

    /// <summary>Sampling options must be left at their defaults.</summary>
    public bool FixesSampling => (_family == "opus" && _version >= 4.7) || (_family == "sonnet" && _version >= 5) || _version >= 5.5;

    /// <summary>Thinks when the request says nothing about it.</summary>
    public bool ThinksByDefault => _version >= 5;

    /// <summary>Thinking blocks carry their signature but no text unless a summary is asked for.</summary>
    public bool OmitsThoughts => _version >= 5 || (_family == "opus" && _version >= 4.7);

    public bool TakesThinking(string kind) => kind switch
    {
        "enabled" => _version < 4.7,
        "adaptive" => _version >= 4.6,
        "disabled" => !(_version >= 5.5 && _family is "opus" or "sonnet"),
        "between_tools" => _family == "sonnet" && _version >= 5.5,
        _ => false,
    };
}
