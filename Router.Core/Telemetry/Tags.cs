namespace Router.Core.Telemetry;

/// <summary>Every tag name, in one place. The <c>gen_ai</c> names are OpenTelemetry's GenAI conventions as widely read in 2026.</summary>
public static class Tags
{
    public const string OperationName = "gen_ai.operation.name";
    public const string ProviderName = "gen_ai.provider.name";
    public const string RequestModel = "gen_ai.request.model";
    public const string RequestStream = "gen_ai.request.stream";
    public const string FrequencyPenalty = "gen_ai.request.frequency_penalty";
    public const string MaxTokens = "gen_ai.request.max_tokens";
    public const string PresencePenalty = "gen_ai.request.presence_penalty";
    public const string Seed = "gen_ai.request.seed";
    public const string StopSequences = "gen_ai.request.stop_sequences";
    public const string Temperature = "gen_ai.request.temperature";
    public const string TopK = "gen_ai.request.top_k";
    public const string TopP = "gen_ai.request.top_p";
    public const string OutputType = "gen_ai.output.type";
    public const string ResponseModel = "gen_ai.response.model";
    public const string ResponseId = "gen_ai.response.id";
    public const string FinishReasons = "gen_ai.response.finish_reasons";
    public const string TimeToFirstChunk = "gen_ai.response.time_to_first_chunk";
    public const string InputTokens = "gen_ai.usage.input_tokens";
    public const string OutputTokens = "gen_ai.usage.output_tokens";
    public const string CachedInputTokens = "gen_ai.usage.cache_read.input_tokens";
    public const string CacheWriteTokens = "gen_ai.usage.cache_creation.input_tokens";
    public const string ReasoningTokens = "gen_ai.usage.reasoning.output_tokens";
    public const string ErrorType = "error.type";
    public const string ServerAddress = "server.address";
    public const string ServerPort = "server.port";
    public const string HttpStatus = "http.response.status_code";

    public const string GenerationId = "router.generation_id";
    public const string WorkspaceId = "router.workspace";
    public const string SavedRouterName = "router.saved_router.name";
    public const string SavedRouterRoute = "router.saved_router.route";
    public const string SavedRouterVariant = "router.saved_router.variant";
    /// <summary>Why this attempt followed another: the class of that one's failure.</summary>
    public const string AttemptReason = "router.attempt.reason";

    /// <summary>USD at list price.</summary>
    public const string Cost = "router.cost.usd";

    /// <summary>USD the workspace owes.</summary>
    public const string Charge = "router.charge.usd";

    /// <summary>Tokens and cost are the router's guess.</summary>
    public const string Estimated = "router.usage.estimated";
    public const string AttemptNumber = "router.attempt.number";
    public const string AttemptCount = "router.attempt.count";
    public const string PlanSize = "router.plan.size";
    public const string CredentialType = "router.credential.type";
    public const string CredentialSource = "router.credential.source";
    public const string CredentialFingerprint = "router.credential.fingerprint";
    /// <summary>The code of the error a caller got.</summary>
    public const string ErrorCode = "router.error.code";
    public const string FailureClass = "router.failure.class";
    public const string Simulated = "router.simulated";
    public const string MalformedLines = "router.stream.malformed_lines";
    public const string SkippedEvent = "router.credential.skipped";
    public const string WaitEvent = "router.wait";
    public const string WaitSeconds = "router.wait.seconds";
    public const string FallbackEvent = "router.fallback";
    public const string CooldownEvent = "router.credential.cooldown";
    public const string CooldownSeconds = "router.cooldown.seconds";
    public const string CommitEvent = "router.stream.commit";
    public const string CancelledEvent = "router.cancelled";
}
