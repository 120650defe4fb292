using System.Text.Json.Nodes;
using Router.Simulator.Wire;

namespace Router.Simulator.Vendors;

/// <summary>Refusals that more than one vendor of the OpenAI dialect shares.</summary>
internal static class BodyRules
{
    private const string Invalid = "invalid_request_error";

    public static readonly BodyRule MissingModel = new(body => string.IsNullOrEmpty(body.Str("model")),
        new(400, "you must provide a model parameter", Invalid));

    public static readonly BodyRule MissingMessages = new(body => body.Arr("messages") is not { Count: > 0 },
        new(400, "Missing required parameter: 'messages'.", Invalid, "missing_required_parameter", "messages"));

    public static readonly BodyRule TooManyStops = new(body => body.Arr("stop") is { Count: > 4 },
        new(400, "Invalid 'stop': array too long. Expected an array with maximum length 4.", Invalid, "array_above_max_length", "stop"));

    public static readonly BodyRule JsonModeNeedsTheWord = new(
        body => body.Obj("response_format").Str("type") == "json_object"
            && body.Arr("messages")?.ToJsonString().Contains("json", StringComparison.OrdinalIgnoreCase) != true,
        new(400, "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.", Invalid, null, "messages"));

    public static BodyRule Refuses(string field, Failure failure) => new(body => body.Has(field), failure with { Param = field });

    public static BodyRule NotBoth(string one, string other, string type = Invalid) => new(
        body => body.Has(one) && body.Has(other), new(400, $"Only one of '{one}' and '{other}' may be specified.", type, null, one));

    public static BodyRule NoDeveloperRole(int status, string type, string? code = null, string? raw = null) => new(
        body => Messages(body).Any(m => m.Str("role") == "developer"),
        new(status, "Unknown message role: 'developer'. Expected one of 'system', 'user', 'assistant', 'tool'.", type, code, "messages.role", raw));

    public static BodyRule NoMessageField(string field, int status, string type, string? code = null) => new(
        body => Messages(body).Any(m => m.Has(field)),
        new(status, $"property '{field}' is unsupported in messages", type, code, "messages"));

    public static BodyRule EffortNot(string modelPart, string type, params string[] efforts) => new(
        body => body.Str("model")?.Contains(modelPart, StringComparison.Ordinal) == true && efforts.Contains(body.Str("reasoning_effort")),
        new(400, $"reasoning_effort must not be one of: {string.Join(", ", efforts)}", type, null, "reasoning_effort"));

    public static IEnumerable<JsonObject> Messages(JsonObject body) => body.Arr("messages")?.OfType<JsonObject>() ?? [];
}
