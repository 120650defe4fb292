using System.Globalization;
using System.Text.RegularExpressions;
using Router.Core.Failures;
using Router.Core.Wire;

namespace Router.Core.Providers.Gemini;

/// <summary>What a model's name says: its place in the URL, and the generation that decides how thinking is asked for.</summary>
internal sealed partial record GeminiModel(string Path, int Generation, bool ThinksByBudget, bool IsPro, bool IsLite)
{
    /// <summary>From this generation on a model always thinks, takes a level, and checks signatures of function calls.</summary>
    private const int FirstThinkers = 3;

    private static readonly Remembered<string, GeminiModel> Known = new(Read);

    public bool ThinksByLevel => Generation >= FirstThinkers;

    /// <exception cref="RouterException">The name holds what may not enter a URL.</exception>
    public static GeminiModel Of(string name) => Known.Of(name);

    private static GeminiModel Read(string name)
    {
        string id = name.StartsWith("models/", StringComparison.Ordinal) ? name["models/".Length..] : name;
        bool tuned = id.StartsWith("tunedModels/", StringComparison.Ordinal);
        string segment = tuned ? id["tunedModels/".Length..] : id;
        if (!IsSegment(segment))
        {
            throw new RouterException(RouterError.ModelNotFound(name, "A model name is letters, digits, '.', '-', '_' and '@'."));
        }

        int generation = 0;
        int minor = 0;
        if (Version().Match(segment) is { Success: true } match)
        {
            generation = int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);
            minor = match.Groups[2].Success ? int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture) : 0;
        }
        else if (segment.StartsWith("gemini-", StringComparison.Ordinal) && segment.EndsWith("-latest", StringComparison.Ordinal))
        {
            generation = FirstThinkers;
        }

        return new GeminiModel(
            tuned ? id : $"models/{id}",
            generation,
            generation == 2 && minor >= 5,
            segment.Contains("-pro", StringComparison.Ordinal),
            segment.Contains("-lite", StringComparison.Ordinal));
    }

    /// <summary>Whether the text is one path segment that can be nothing else: no slash, no colon, no dot in front.</summary>
    public static bool IsSegment(string text) => Segment().IsMatch(text);

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._@-]{0,127}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Segment();

    [GeneratedRegex(@"^gemini-(\d{1,3})(?:\.(\d{1,3}))?(?:-|$)", RegexOptions.CultureInvariant)]
    private static partial Regex Version();
}
