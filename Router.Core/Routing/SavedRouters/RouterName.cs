using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace Router.Core.Routing.SavedRouters;

/// <summary>How saved routers are named, and how requests name them.</summary>
public static partial class RouterName
{
    /// <summary>What a request's model begins with when it names a saved router.</summary>
    private static readonly string[] Prefixes = ["inworld/", "router/"];

    /// <summary>Resource names, as clients of the original may send them, begin with this.</summary>
    private const string Resource = "routers/";

    public static bool IsValid(string name) => Pattern().IsMatch(name);

    /// <summary>The router's name in a request's model; false where it names a model.</summary>
    public static bool TryParseModel(string model, [NotNullWhen(true)] out string? name)
    {
        foreach (string prefix in Prefixes)
        {
            if (model.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
            {
                name = model[prefix.Length..];
                return true;
            }
        }

        name = null;
        return false;
    }

    /// <summary>The bare name, where it was sent as a resource's.</summary>
    public static string Bare(string name) => name.StartsWith(Resource, StringComparison.Ordinal) ? name[Resource.Length..] : name;

    [GeneratedRegex(@"\A[a-z0-9-]{1,63}\z")]
    private static partial Regex Pattern();
}
