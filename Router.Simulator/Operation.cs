namespace Router.Simulator;

internal enum Operation
{
    Unknown,
    Chat,
    Messages,
    CountMessageTokens,
    Generate,
    StreamGenerate,
    CountTokens,
    RawPredict,
    StreamRawPredict,
    Models,
    Model,
    ApiKeyInfo,
    RateLimitInfo,
    Token,
}

/// <summary>The end of a path says what is asked; the prefix differs by provider and is not checked.</summary>
internal static class Operations
{
    private static readonly (string End, Operation Operation)[] Posts =
    [
        ("/chat/completions", Operation.Chat),
        ("/messages/count_tokens", Operation.CountMessageTokens),
        ("/messages", Operation.Messages),
        (":generateContent", Operation.Generate),
        (":streamGenerateContent", Operation.StreamGenerate),
        (":countTokens", Operation.CountTokens),
        (":rawPredict", Operation.RawPredict),
        (":streamRawPredict", Operation.StreamRawPredict),
        ("/token", Operation.Token),
    ];

    private static readonly (string End, Operation Operation)[] Gets =
    [
        ("/models", Operation.Models),
        ("/api-key", Operation.ApiKeyInfo),
        ("/me/rate_limit", Operation.RateLimitInfo),
    ];

    public static Operation Of(string method, string path)
    {
        foreach (var (end, operation) in HttpMethods.IsPost(method) ? Posts : HttpMethods.IsGet(method) ? Gets : [])
        {
            if (path.EndsWith(end, StringComparison.Ordinal))
                return operation;
        }

        return HttpMethods.IsGet(method) && path.Contains("/models/", StringComparison.Ordinal)
            ? Operation.Model
            : Operation.Unknown;
    }

    /// <summary>Whether the call makes a model work: the calls that cost credit and need access to the model.</summary>
    public static bool IsInference(this Operation operation) => operation is Operation.Chat or Operation.Messages
        or Operation.Generate or Operation.StreamGenerate or Operation.RawPredict or Operation.StreamRawPredict;
}
