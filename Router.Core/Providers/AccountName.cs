using System.Text.Json;
using Router.Core.Keys;
using Router.Core.Wire;

namespace Router.Core.Providers;

/// <summary>What a service account calls itself. People tell accounts apart by it; neither part is secret.</summary>
/// <param name="Project">Null where the credential names none.</param>
public sealed record AccountName(string Email, string? Project)
{
    private const int Longest = 320;

    /// <returns>Null for an API key, and for a text that is no service account's.</returns>
    public static AccountName? Of(Secret credential)
    {
        string text = credential.Reveal();
        if (!text.StartsWith('{'))
        {
            return null;
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(text, JsonDepth.Document);
            JsonElement around = document.RootElement;
            JsonElement account = around.TryGetProperty("service_account", out JsonElement inner) ? inner : around;
            if (account.ValueKind != JsonValueKind.String)
            {
                return Of(account, around);
            }

            using JsonDocument file = JsonDocument.Parse(account.GetString()!, JsonDepth.Document);
            return Of(file.RootElement, around);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static AccountName? Of(JsonElement account, JsonElement around) =>
        Text(account, "client_email") is { } email ? new(email, Text(around, "project_id") ?? Text(account, "project_id")) : null;

    /// <summary>A word that can be shown and stored as it is.</summary>
    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String
        && value.GetString() is { Length: <= Longest } text && KeyText.IsSendable(text) ? text : null;
}
