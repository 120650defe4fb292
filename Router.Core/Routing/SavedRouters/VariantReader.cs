using System.Collections.Immutable;
using System.Text.Json;

namespace Router.Core.Routing.SavedRouters;

/// <summary>Reads what a variant, or the defaults of all, adds to a request.</summary>
internal static class VariantReader
{
    private const int MostTemplates = 64;

    public static VariantSettings Settings(MemberReader members, List<string> withoutEffect) => new()
    {
        ModelId = Model(members),
        Selection = members.Object("model_selection") is { } selection ? ModelSelectionReader.Read(selection, withoutEffect) : null,
        Generation = members.Object("text_generation_config") is { } generation ? GenerationConfigReader.Read(generation, withoutEffect) : null,
        Templates = [.. members.List("message_templates", MostTemplates).ToList().Select(item => MessageTemplateReader.Read(new MemberReader(item.Item, item.Path, members.Problems), withoutEffect))],
        Kept = members.Rest(withoutEffect),
    };

    private static string? Model(MemberReader members)
    {
        string? model = members.Text("model_id", RouterOptions.LongestName);
        if (model is { Length: 0 } || model?.Any(char.IsControl) == true)
        {
            members.Problem("model_id", "must not be empty or hold control characters.");
        }
        else if (model is not null && RouterName.TryParseModel(model, out _))
        {
            members.Problem("model_id", "must not name a saved router.");
        }

        return model;
    }
}
