using Router.Simulator.Keys;
using Router.Simulator.Wire;

namespace Router.Simulator;

/// <summary>Endpoints that describe the key which calls them.</summary>
internal static class KeyInfo
{
    public const string DeepInfra = """{"rate_limit":{"concurrent_requests":200}}""";

    public static string Xai(Exchange exchange)
    {
        var word = exchange.Persona.Word;
        var acls = word is KeyWord.Restricted ? "\"api-key:endpoint:chat\"" : "\"api-key:model:*\",\"api-key:endpoint:*\"";
        return $$"""
            {"redacted_api_key":"xai-...{{(exchange.Key ?? "")[^Math.Min(4, exchange.Key?.Length ?? 0)..]}}","user_id":"sim-user","name":"simulated","team_id":"sim-team","acls":[{{acls}}],"api_key_id":{{Json.Text(Ids.Next("", 16))}},"team_blocked":false,"api_key_blocked":false,"api_key_disabled":{{Bool(word is KeyWord.Revoked)}}}
            """;
    }

    private static string Bool(bool value) => value ? "true" : "false";
}
