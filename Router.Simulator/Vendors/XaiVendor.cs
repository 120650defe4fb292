using System.Text.Json.Nodes;
using Router.Simulator.Wire;

namespace Router.Simulator.Vendors;

internal static class XaiVendor
{
    private const string Argument = "Client specified an invalid argument";

    public static readonly Vendor Xai = new()
    {
        Slug = "xai",
        Envelope = Envelopes.Xai,
        StreamError = Envelopes.Xai,
        Models = ["grok-4.7", "grok-4.6", "grok-4", "grok-3", "grok-3-mini"],
        Reasoning = ReasoningStyle.ReasoningContent,
        ReasoningOutsideCompletion = true,
        StreamUsage = StreamUsage.Always,
        UsageExtra = ""","num_sources_used":0""",
        Rules =
        [
            new(body => string.IsNullOrEmpty(body.Str("model")), new(422, "Failed to deserialize the JSON body into the target type: missing field `model`", null, Argument, "model")),
            new(body => body.Arr("messages") is not { Count: > 0 }, new(422, "Failed to deserialize the JSON body into the target type: missing field `messages`", null, Argument, "messages")),
            BodyRules.Refuses("search_parameters", new(410, "Live search is deprecated. Please switch to the Agent Tools API.", null, "The requested resource is gone")),
            .. new[] { "stop", "presence_penalty", "frequency_penalty" }.Select(field => new BodyRule(
                body => body.Has(field) && Reasons(body), new(400, $"Argument not supported on this model: {field}", null, Argument, field))),
            new(body => body.Has("reasoning_effort") && body.Str("model") is { } model
                    && model.StartsWith("grok-4.20-", StringComparison.Ordinal) && model.EndsWith("reasoning", StringComparison.Ordinal),
                new(400, "Argument not supported on this model: reasoning_effort", null, Argument, "reasoning_effort")),
        ],
        Troubles = new Dictionary<Trouble, Failure>
        {
            [Trouble.MissingKey] = new(401, "No API key provided. Please provide your key in an Authorization header.", null, "Unauthenticated request"),
            [Trouble.WrongKey] = new(400, "Incorrect API key provided: {key}. You can obtain an API key from https://console.x.ai.", null, Argument),
            [Trouble.Expired] = new(400, "API key {key} has expired. You can obtain an API key from https://console.x.ai.", null, Argument),
            [Trouble.Revoked] = new(403, "The API key is disabled.", null, "The caller does not have permission to execute the specified operation"),
            [Trouble.NoCredit] = new(429, "Your team has either used all available credits or reached its monthly spending limit.", null, "Some resource has been exhausted"),
            [Trouble.RateLimited] = new(429, "Too many requests for team sim and model {model}. Please try again in {seconds} seconds.", null, "Some resource has been exhausted"),
            [Trouble.NoAccess] = new(404, "The model {model} does not exist or your team does not have access to it.", null, "Some requested entity was not found"),
            [Trouble.Restricted] = new(403, "The API key's ACLs do not allow this endpoint.", null, "The caller does not have permission to execute the specified operation"),
            [Trouble.Down] = new(503, "Service temporarily unavailable.", null, "The service is currently unavailable"),
            [Trouble.Region] = new(403, "The service is not available in your region.", null, "The caller does not have permission to execute the specified operation"),
            [Trouble.BadRequest] = new(400, "", null, Argument),
        },
    };

    private static bool Reasons(JsonObject body) => body.Str("model") is { } model
        && (model.StartsWith("grok-4", StringComparison.Ordinal) || model.StartsWith("grok-3-mini", StringComparison.Ordinal))
        && !model.EndsWith("non-reasoning", StringComparison.Ordinal);
}
