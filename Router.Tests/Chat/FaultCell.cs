using System.Text.Json.Nodes;

namespace Router.Tests.Chat;

/// <summary>How an answer is asked for.</summary>
public enum Mode
{
    Json,
    Stream,

    /// <summary>A stream that is held until it has ended well.</summary>
    Complete,
}

/// <summary>One cell of the matrix: a fault, at a provider, in a chain, in a mode.</summary>
public sealed record FaultCell(FaultRow Row, char Dialect, Chain Chain, Mode Mode)
{
    /// <summary>Longer than any cell that keeps its promises takes.</summary>
    public const int DeadlineSeconds = 20;

    public const string SystemKey = "sim-good-system";

    public bool Stream => Mode != Mode.Json;

    public Effect Effect => Mode switch
    {
        Mode.Json => Row.Json,
        Mode.Stream => Row.Stream,
        // Held to its end, a stream that breaks has not begun.
        _ => Row.Stream switch { Effect.Broken => Effect.Transient, Effect.BrokenBySilence => Effect.Silent, var effect => effect },
    };

    public string Name => $"{Row.Name} at {Slug}, {Chain}, {Mode}";

    /// <summary>Stands in the keys and the message, so that the provider's journal can be searched for it.</summary>
    public string Mark { get; } = $"cell-{Guid.NewGuid():N}";

    public string OwnKey => $"sim-good-{Mark}";

    public string OtherKey => $"sim-good-other-{Mark}";

    public Expectation Expected => FaultExpectations.Of(Effect, Chain, Row.Status, Stream);

    public string Slug => Dialect switch { 'o' => "openai", 'a' => "anthropic", _ => "google-ai-studio" };

    private string Model => Dialect switch { 'o' => "gpt-4o", 'a' => "claude-haiku-5-5", _ => "gemini-2.5-flash" };

    private string SecondModel => Dialect switch { 'o' => "gpt-4o-mini", 'a' => "claude-sonnet-4-5-20250929", _ => "gemini-2.5-pro" };

    /// <summary>The rescuer speaks another dialect wherever it can.</summary>
    private string OtherSlug => Dialect switch { 'o' => "anthropic", 'a' => "google-ai-studio", _ => "groq" };

    private string OtherModel => Dialect switch { 'o' => "claude-haiku-5-5", 'a' => "gemini-2.5-flash", _ => "openai/gpt-oss-120b" };

    public string Body()
    {
        bool system = Chain is Chain.System or Chain.Both or Chain.Hopeless;
        var keys = new JsonObject { [Slug] = Credential(OwnKey, system) };
        var faults = new JsonObject { [OwnKey] = JsonNode.Parse(Row.Script) };
        var body = new JsonObject
        {
            ["model"] = $"{Slug}/{Model}",
            ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = $"Hi from {Mark}" }),
            ["stream"] = Stream,
            ["provider_credentials"] = keys,
            ["simulate"] = new JsonObject { ["byKey"] = faults },
            ["fallback"] = new JsonObject { ["deadline"] = $"{DeadlineSeconds}s", ["commit"] = Mode == Mode.Complete ? "complete" : null },
        };
        if (Chain is Chain.Both or Chain.Hopeless)
        {
            faults[SystemKey] = JsonNode.Parse(Row.Script);
        }

        if (Chain is Chain.Model or Chain.Both)
        {
            keys[OtherSlug] = Credential(OtherKey, system: false);
            body["models"] = new JsonArray($"{OtherSlug}/{OtherModel}");
        }
        else if (Chain is Chain.Hopeless)
        {
            body["models"] = new JsonArray($"{Slug}/{SecondModel}");
        }

        return body.ToJsonString();
    }

    /// <summary>The role an entry of <c>metadata.attempts</c> plays in the chain.</summary>
    public string RoleOf(string credentialType, string model) =>
        model == $"{OtherSlug}/{OtherModel}" ? "other"
        : (credentialType == "byok" ? "own" : "system") + (model == $"{Slug}/{SecondModel}" ? "2" : "");

    /// <summary>What the simulated model says in full.</summary>
    public string Text()
    {
        bool other = Expected.Attempts.EndsWith("other:ok", StringComparison.Ordinal);
        string usual = $"Hello! This is the simulated {(other ? OtherModel : Model)} of {(other ? OtherSlug : Slug)}. You said: Hi from {Mark}";
        return Expected.Attempts == "own:ok" && Row.Text is { } text ? text(usual) : usual;
    }

    public string Finish => Expected.Attempts == "own:ok" ? Row.Finish : "stop";

    private static JsonObject Credential(string key, bool system) => new() { ["api_key"] = key, ["fallback_to_system"] = system };
}
