using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Xunit.Sdk;

namespace Router.Tests.Conformance;

/// <summary>What a provider's fixture says it can do; the suite asks for no more and lets nothing of it fail.</summary>
/// <param name="Provider">The slug.</param>
/// <param name="Model">A model of it.</param>
/// <param name="ServiceAccount">Keys are service accounts.</param>
/// <param name="ReasoningText">The answer shows its reasoning.</param>
/// <param name="Vision">Images go in.</param>
/// <param name="Reasoning">Reasoning can be asked for.</param>
/// <param name="Stop">Stop sequences are taken.</param>
/// <param name="Region">The simulator has a way for this vendor to refuse a location.</param>
public sealed record Capability(string Provider, string Model, bool ServiceAccount = false, bool ReasoningText = true, bool Vision = true, bool Region = true, bool Reasoning = true, bool Stop = true) : IXunitSerializable
{
    private static readonly string PrivateKey = CreatePrivateKey();

    public Capability()
        : this("", "")
    {
    }

    public string Provider { get; private set; } = Provider;

    public string Model { get; private set; } = Model;

    public bool ServiceAccount { get; private set; } = ServiceAccount;

    public bool ReasoningText { get; private set; } = ReasoningText;

    public bool Vision { get; private set; } = Vision;

    public bool Region { get; private set; } = Region;

    public bool Reasoning { get; private set; } = Reasoning;

    public bool Stop { get; private set; } = Stop;

    /// <summary>One for each provider of the table, and one for each further dialect a provider speaks.</summary>
    public static TheoryData<Capability> All =>
    [
        new Capability("openai", "gpt-4o", ReasoningText: false),
        new Capability("cerebras", "gpt-oss-120b", Vision: false),
        new Capability("deepinfra", "meta-llama/Llama-3.3-70B-Instruct"),
        new Capability("fireworks", "accounts/fireworks/models/gpt-oss-120b"),
        new Capability("mistral", "mistral-large-latest"),
        new Capability("groq", "openai/gpt-oss-120b"),
        new Capability("xai", "grok-4.7", Stop: false),
        new Capability("anthropic", "claude-sonnet-4-5"),
        new Capability("anthropic", "claude-opus-4-7", Stop: true),
        new Capability("google-vertex", "claude-sonnet-4-5@20250929", ServiceAccount: true),
        new Capability("google-ai-studio", "gemini-2.5-pro"),
        new Capability("google-vertex", "gemini-2.5-pro", ServiceAccount: true),
        new Capability("google-vertex", "meta/llama-4-maverick-17b-128e-instruct-maas", ServiceAccount: true, ReasoningText: false),
    ];

    public string QualifiedModel => $"{Provider}/{Model}";

    /// <summary>The key as the journal names it.</summary>
    public string KeyName(string word) => ServiceAccount ? $"{word}@sim.iam.gserviceaccount.com" : word;

    /// <summary>A <c>provider_credentials</c> member for a key of the given word.</summary>
    public JsonObject Credentials(string word, bool fallback = false)
    {
        JsonObject entry = ServiceAccount
            ? new JsonObject
            {
                ["service_account"] = new JsonObject
                {
                    ["type"] = "service_account",
                    ["project_id"] = "sim-project",
                    ["private_key_id"] = "k1",
                    ["private_key"] = PrivateKey,
                    ["client_email"] = KeyName(word),
                    ["token_uri"] = "https://oauth2.googleapis.com/token",
                },
            }
            : new JsonObject { ["api_key"] = word };
        entry["fallback_to_inworld"] = fallback;
        return new JsonObject { [Provider] = entry };
    }

    public override string ToString() => QualifiedModel;

    void IXunitSerializable.Deserialize(IXunitSerializationInfo info)
    {
        Provider = info.GetValue<string>(nameof(Provider))!;
        Model = info.GetValue<string>(nameof(Model))!;
        ServiceAccount = info.GetValue<bool>(nameof(ServiceAccount));
        ReasoningText = info.GetValue<bool>(nameof(ReasoningText));
        Vision = info.GetValue<bool>(nameof(Vision));
        Region = info.GetValue<bool>(nameof(Region));
        Reasoning = info.GetValue<bool>(nameof(Reasoning));
        Stop = info.GetValue<bool>(nameof(Stop));
    }

    void IXunitSerializable.Serialize(IXunitSerializationInfo info)
    {
        info.AddValue(nameof(Provider), Provider);
        info.AddValue(nameof(Model), Model);
        info.AddValue(nameof(ServiceAccount), ServiceAccount);
        info.AddValue(nameof(ReasoningText), ReasoningText);
        info.AddValue(nameof(Vision), Vision);
        info.AddValue(nameof(Region), Region);
        info.AddValue(nameof(Reasoning), Reasoning);
        info.AddValue(nameof(Stop), Stop);
    }

    private static string CreatePrivateKey()
    {
        using var rsa = RSA.Create(2048);
        return rsa.ExportPkcs8PrivateKeyPem();
    }
}
