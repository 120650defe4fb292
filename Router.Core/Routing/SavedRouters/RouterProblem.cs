namespace Router.Core.Routing.SavedRouters;

/// <summary>What is wrong with a definition, and where.</summary>
/// <param name="Path">The member, such as <c>routes[0].route.variants[1].weight</c>; empty for the whole.</param>
/// <param name="Message">What it should be; never quotes more than a name.</param>
public sealed record RouterProblem(string Path, string Message)
{
    public override string ToString() => Path.Length == 0 ? Message : $"'{Path}' {Message}";
}
