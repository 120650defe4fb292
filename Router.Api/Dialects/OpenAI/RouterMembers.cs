using System.Collections.Frozen;

namespace Router.Api.Dialects.OpenAI;

/// <summary>The members of a request that are the router's own and never go upstream.</summary>
internal static class RouterMembers
{
    public const string ExtraBody = "extra_body";
    public const string ModelId = "model_id";
    public const string Credentials = "provider_credentials";
    public const string Models = "models";
    public const string Ignore = "ignore";
    public const string Sort = "sort";
    public const string Provider = "provider";
    public const string Fallback = "fallback";
    public const string ByokOnly = "byok_only";
    public const string Strict = "strict";
    public const string PromptVariables = "prompt_variables";

    /// <summary>Ours when a value is no string; OpenAI's own otherwise.</summary>
    public const string Metadata = "metadata";

    public static FrozenSet<string> All { get; } = new[]
    {
        ExtraBody, ModelId, Credentials, Models, Ignore, Sort, Provider, Fallback, ByokOnly, Strict, PromptVariables,
    }.ToFrozenSet(StringComparer.Ordinal);
}
