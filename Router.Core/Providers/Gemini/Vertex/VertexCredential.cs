using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Router.Core.Failures;
using Router.Core.Keys;

namespace Router.Core.Providers.Gemini.Vertex;

/// <summary>The part of a service account's key file that is used. Addresses in it are not: a tenant wrote the file.</summary>
internal sealed record ServiceAccount(string Email, string? KeyId, Secret PrivateKey);

/// <summary>
/// What a Vertex key's text says: an API key, a service account's JSON, or an object around one of the two
/// (<c>{"service_account":{…}|"json","project_id"?,"location"?}</c>, <c>{"api_key":"…"}</c>).
/// </summary>
internal sealed partial class VertexCredential
{
    public const string DefaultLocation = "global";

    private const string AccountMember = "service_account";

    private VertexCredential(Secret? apiKey, ServiceAccount? account, string project, string location)
    {
        ApiKey = apiKey;
        Account = account;
        Project = project;
        Location = location;
    }

    /// <summary>Set for express mode.</summary>
    public Secret? ApiKey { get; }

    public ServiceAccount? Account { get; }

    /// <summary>Empty in express mode.</summary>
    public string Project { get; }

    public string Location { get; }

    /// <exception cref="ProviderException">The text is neither; the message says what is missing and holds nothing of the text.</exception>
    public static VertexCredential Parse(Secret secret)
    {
        try
        {
            return ParseText(secret.Reveal().Trim());
        }
        catch (Unusable e)
        {
            throw new ProviderException(FailureClass.Credential, $"The Vertex AI key {e.Message}. It must be the JSON key file of a service account, or an API key.");
        }
    }

    /// <summary>
    /// What is wrong with it, down to the private key, which must be one that can sign: the member at fault and the rest of a sentence
    /// that begins with its name. Null for one that can be used.
    /// </summary>
    public static (string Member, string Detail)? Problem(Secret secret)
    {
        try
        {
            VertexCredential credential = ParseText(secret.Reveal().Trim());
            string? problem = credential.Account is { } account ? ServiceAccountText.Problem(account)
                : KeyText.Problem(credential.ApiKey!.Reveal()) is { } detail ? $"holds an api_key that {detail}"
                : null;
            return problem is null ? null : (AccountMember, problem);
        }
        catch (Unusable e)
        {
            return (e.Member, e.Message);
        }
    }

    private static VertexCredential ParseText(string text)
    {
        if (!text.StartsWith('{'))
        {
            return new VertexCredential(new Secret(text), null, "", DefaultLocation);
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(text, Wire.JsonDepth.Document);
            return Read(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The second: half a character in an escape.
            throw new Unusable("is no valid JSON");
        }
    }

    /// <summary>
    /// The operator's key with the project and location that stand beside it in the environment: they win over the key file,
    /// as in Google's own tools, and not over what the operator wrote around it.
    /// </summary>
    public static string Complete(string key, string? project, string? location)
    {
        string text = key.Trim();
        try
        {
            if (!text.StartsWith('{') || JsonNode.Parse(text, documentOptions: Wire.JsonDepth.Document) is not JsonObject root || root.ContainsKey("api_key"))
            {
                return text;
            }

            JsonObject around = root.ContainsKey("service_account") ? root : new JsonObject { ["service_account"] = root };
            Add(around, "project_id", project);
            Add(around, "location", location);
            return around.ToJsonString();
        }
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException)
        {
            // Whoever parses it for a call says what is wrong.
            return text;
        }
    }

    private static VertexCredential Read(JsonElement root)
    {
        if (GeminiJson.Text(root, "api_key") is { Length: > 0 } key)
        {
            return new VertexCredential(new Secret(key.Trim()), null, "", DefaultLocation);
        }

        JsonElement account = GeminiJson.Member(root, "service_account");
        if (account.ValueKind == JsonValueKind.String)
        {
            using JsonDocument inner = JsonDocument.Parse(account.GetString()!, Wire.JsonDepth.Document);
            return OfAccount(inner.RootElement, root);
        }

        return OfAccount(account.ValueKind == JsonValueKind.Object ? account : root, root);
    }

    private static VertexCredential OfAccount(JsonElement account, JsonElement around)
    {
        // Other kinds of key files name addresses to fetch tokens from, or programs to run.
        if (GeminiJson.Text(account, "type") is not (null or "service_account"))
        {
            throw new Unusable("is a key file of another kind than service_account");
        }

        string email = GeminiJson.Text(account, "client_email") ?? throw new Unusable("has no client_email");
        string privateKey = GeminiJson.Text(account, "private_key") ?? throw new Unusable("has no private_key");
        string project = GeminiJson.Text(around, "project_id") ?? GeminiJson.Text(account, "project_id") ?? throw new Unusable("has no project_id");
        string location = GeminiJson.Text(around, "location") ?? DefaultLocation;
        return !ProjectId().IsMatch(project) ? throw new Unusable("has a project_id that is none", "project_id")
            : !LocationName().IsMatch(location) ? throw new Unusable("has a location that is none", "location")
            : new VertexCredential(null, new ServiceAccount(email, GeminiJson.Text(account, "private_key_id"), new Secret(privateKey)), project, location);
    }

    private static void Add(JsonObject around, string name, string? value)
    {
        if (!string.IsNullOrWhiteSpace(value) && !around.ContainsKey(name))
        {
            around[name] = value.Trim();
        }
    }

    // Both become part of a URL, the location even of a host name.
    [GeneratedRegex(@"^[a-z0-9](?:[a-z0-9.:-]{0,98}[a-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex ProjectId();

    [GeneratedRegex(@"^[a-z]{2,20}(?:-[a-z0-9]{1,20}){0,3}\z", RegexOptions.CultureInvariant)]
    private static partial Regex LocationName();

    /// <summary>The message goes on after the credential's name and holds nothing of its text.</summary>
    private sealed class Unusable(string what, string member = AccountMember) : Exception(what)
    {
        public string Member { get; } = member;
    }
}
