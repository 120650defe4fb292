using System.Text.RegularExpressions;
using Router.Core.Routing;

namespace Router.Core.Chat;

/// <summary>A model as a tag of few values: by its name in the catalog, and all others by one.</summary>
internal static partial class ModelTag
{
    /// <summary>As OpenTelemetry names what is none of the values a tag can have.</summary>
    public const string Other = "_OTHER";

    public static string Of(PlanEntry entry) => entry.Hosted?.Model.UpstreamModel ?? Other;

    /// <summary>The model an answer names: the one asked for, or a dated version of it. A provider may write what it likes there.</summary>
    public static string OfAnswer(PlanEntry entry, string model)
    {
        if (entry.Hosted?.Model.UpstreamModel is not { } asked)
        {
            return Other;
        }

        return model.Equals(asked, StringComparison.OrdinalIgnoreCase) ? asked
            : model.StartsWith(asked, StringComparison.OrdinalIgnoreCase) && Version().IsMatch(model.AsSpan(asked.Length)) ? model
            : Other;
    }

    [GeneratedRegex(@"^[-@](?:20[2-4]\d-?[01]\d-?[0-3]\d|0\d\d)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Version();
}
