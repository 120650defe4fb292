using System.Text.Json;
using Router.Core.Keys;
using Router.Core.Wire;

namespace Router.Core.Providers;

/// <summary>
/// Reads a provider credential as people send it, <c>{"api_key"}</c> or, where the provider takes one,
/// <c>{"service_account", "project_id", "location"}</c>, into the one text that is kept and leased.
/// </summary>
public static class CredentialText
{
    private const int LongestAccount = 16 * 1024;

    /// <returns>The secret, or the member at fault and what is wrong with it; nothing of the credential is quoted.</returns>
    public static (Secret? Key, string Member, string? Problem) Read(JsonElement body, ProviderDefinition provider)
    {
        bool hasKey = Has(body, "api_key");
        bool hasAccount = Has(body, "service_account");
        if (hasAccount && !provider.ServiceAccounts)
        {
            return (null, "service_account", $"is not what {provider.DisplayName} takes; send 'api_key'");
        }

        if (hasKey && hasAccount)
        {
            return (null, "service_account", "stands beside 'api_key'; send one of them");
        }

        return hasAccount ? Account(body, provider) : Key(body);
    }

    private static (Secret?, string, string?) Key(JsonElement body)
    {
        if (!body.TryGetProperty("api_key", out JsonElement value) || value.ValueKind != JsonValueKind.String)
        {
            return (null, "api_key", "is required and must be a string");
        }

        string text = value.GetString()!.Trim();
        string? problem = KeyText.Problem(text);
        return (problem is null ? new Secret(text) : null, "api_key", problem);
    }

    /// <summary>
    /// What is wrong with a key that stands in configuration, where a service account is the same text as a key; null for a good one.
    /// </summary>
    public static string? Problem(Secret key, ProviderDefinition provider) =>
        provider.ServiceAccounts && key.Reveal().StartsWith('{') ? provider.AccountProblem(key)?.Detail : KeyText.Problem(key.Reveal());

    /// <summary>The account comes as an object or as the text of the file that was downloaded.</summary>
    private static (Secret?, string, string?) Account(JsonElement body, ProviderDefinition provider)
    {
        JsonElement account = body.GetProperty("service_account");
        JsonDocument? parsed = null;
        try
        {
            if (account.ValueKind == JsonValueKind.String)
            {
                byte[] text = System.Text.Encoding.UTF8.GetBytes(account.GetString()!);
                JsonUnicode.Check(text);
                parsed = JsonDocument.Parse(text, JsonDepth.Document);
                account = parsed.RootElement;
            }

            if (account.ValueKind != JsonValueKind.Object || account.GetRawText().Length > LongestAccount || !IsText(account, "client_email") || !IsText(account, "private_key"))
            {
                return (null, "service_account", "must be the key file of a service account: an object with 'client_email' and 'private_key'");
            }

            foreach (string member in (ReadOnlySpan<string>)["project_id", "location"])
            {
                if (Has(body, member) && !IsText(body, member))
                {
                    return (null, member, "must be a string");
                }
            }

            var key = new Secret(System.Text.Encoding.UTF8.GetString(Write(account, body)));
            return provider.AccountProblem(key) is { } problem ? (null, Has(body, problem.Member) ? problem.Member : "service_account", problem.Detail) : (key, "service_account", null);
        }
        catch (Exception e) when (e is JsonException or JsonObjectException)
        {
            return (null, "service_account", "is not valid JSON");
        }
        finally
        {
            parsed?.Dispose();
        }
    }

    private static byte[] Write(JsonElement account, JsonElement body) => JsonText.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WritePropertyName("service_account");
        account.WriteTo(writer);
        foreach (string member in (ReadOnlySpan<string>)["project_id", "location"])
        {
            if (IsText(body, member))
            {
                writer.WriteString(member, body.GetProperty(member).GetString());
            }
        }

        writer.WriteEndObject();
    });

    private static bool Has(JsonElement body, string name) =>
        body.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null;

    private static bool IsText(JsonElement body, string name) =>
        body.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 };
}
