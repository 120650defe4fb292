using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.AI;
using Router.Core.Wire;

namespace Router.Core.Providers;

/// <summary>How values that callers in this process put into a conversation become JSON.</summary>
internal static class AnyJson
{
    private static readonly JsonSerializerOptions Options = Make();

    public static JsonTypeInfo TypeOf(Type type) => Options.GetTypeInfo(type);

    private static JsonSerializerOptions Make()
    {
        var options = new JsonSerializerOptions(AIJsonUtilities.DefaultOptions) { MaxDepth = JsonDepth.Most };
        options.MakeReadOnly();
        return options;
    }
}
