using System.Text.Json;
using Router.Core.Failures;
using Router.Core.Keys;
using Router.Core.Routing.SavedRouters;
using Router.Core.Wire;

namespace Router.Api.Dialects.OpenAI;

/// <summary>A request to a saved router as its caller would have sent it without one.</summary>
/// <param name="Extra">What stood in <c>extra_body</c>; it is not read from <paramref name="Body"/> again.</param>
internal sealed record RoutedBody(JsonObject Body, JsonObject? Extra, RouterChoice Choice, SavedRouterUse Use);

/// <summary>
/// Rewrites a request to a saved router. The variant gives it a model, messages in front, and the members the request
/// has not itself; all else stays byte for byte, and everything after sees one request, whatever dialect it goes out in.
/// </summary>
internal static class SavedRouterBody
{
    /// <param name="router">The router's name.</param>
    /// <param name="random">Chooses a variant where the request names no user.</param>
    /// <exception cref="RouterException">There is no such router, it has no route for this request, or a template's variable is missing.</exception>
    public static RoutedBody Rewrite(JsonObject body, JsonObject? extra, string router, string model, Workspace workspace, Random random)
    {
        if (!workspace.SavedRouters.TryGetValue(router, out RouterEntry? entry))
        {
            throw new RouterException(RouterError.RouterNotFound(router));
        }

        var members = new RequestMembers(body, extra);
        RequestFacts facts = Facts(members, model);
        RouterChoice choice = RouterSelector.Select(entry, ConditionVariables.Of(facts, entry.Router?.Variables ?? []), facts.User, random);
        VariantSettings settings = choice.Variant.Effective;

        var outer = new JsonSplice(body).Set("model", JsonText.Quote(settings.Model!)).Remove(RouterMembers.ModelId).Remove(RouterMembers.PromptVariables);
        var inner = extra is null ? null : new JsonSplice(extra).Remove("model").Remove(RouterMembers.ModelId).Remove(RouterMembers.PromptVariables);
        if (!settings.Templates.IsEmpty)
        {
            outer.Set("messages", TemplateRenderer.Prepend(settings.Templates, facts, facts.Messages));
            inner?.Remove("messages");
        }

        foreach (RequestMember member in settings.ToRequest().Where(member => member.UnlessGiven.All(name => members.Find(name) is null)))
        {
            outer.Set(member.Name, member.Json);
        }

        return new RoutedBody(
            JsonObject.Parse(outer.ToArray()),
            inner is null ? null : JsonObject.Parse(inner.ToArray()),
            choice,
            new SavedRouterUse(entry.Name, choice.Route.Id, choice.Variant.Id));
    }

    private static RequestFacts Facts(RequestMembers members, string model) => new()
    {
        Model = model,
        User = members.Find("user") is { Kind: JsonTokenType.String } ? members.String("user") : null,
        Stream = members.Bool("stream") ?? false,
        Metadata = members.Metadata(),
        PromptVariables = members.Object(RouterMembers.PromptVariables),
        Messages = MessagesReader.Check(members),
        Tools = members.Find("tools")?.Json,
    };
}
