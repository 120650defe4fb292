using Router.Simulator.Vendors;

namespace Router.Simulator;

/// <summary>Which dialect answers which operation.</summary>
internal static class Dialects
{
    public static string Name(Operation operation, Vendor vendor, string path) => operation switch
    {
        Operation.Chat => "openai",
        Operation.Messages or Operation.CountMessageTokens or Operation.RawPredict or Operation.StreamRawPredict => "anthropic",
        Operation.Generate or Operation.StreamGenerate or Operation.CountTokens => "gemini",
        Operation.Token => "oauth",
        _ => ModelList.Shape(vendor, path) switch { ListShape.Anthropic => "anthropic", ListShape.Gemini => "gemini", _ => "openai" },
    };

    public static Task AnswerAsync(Exchange exchange) => exchange.Operation switch
    {
        Operation.Chat => OpenAI.ChatCompletions.AnswerAsync(exchange),
        Operation.Messages or Operation.RawPredict or Operation.StreamRawPredict => Anthropic.Messages.AnswerAsync(exchange),
        Operation.CountMessageTokens => Anthropic.Messages.CountAsync(exchange),
        Operation.Generate or Operation.StreamGenerate => Gemini.Generate.AnswerAsync(exchange),
        Operation.CountTokens => Gemini.Generate.CountAsync(exchange),
        Operation.Models => exchange.JsonAsync(ModelList.All(exchange)),
        Operation.Model => ModelList.OneAsync(exchange),
        Operation.ApiKeyInfo => exchange.JsonAsync(KeyInfo.Xai(exchange)),
        Operation.RateLimitInfo => exchange.JsonAsync(KeyInfo.DeepInfra),
        Operation.Token => OAuth.TokenEndpoint.AnswerAsync(exchange),
        _ => exchange.FailAsync(exchange.Vendor.BadRequest($"Unknown request URL: {exchange.Http.Request.Method} {exchange.Path}.") with { Status = 404 }),
    };
}
