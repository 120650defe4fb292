namespace Router.Tests.Chat;

/// <summary>What a fault amounts to, in the words of the failure table of the public contract.</summary>
public enum Effect
{
    /// <summary>No harm: the whole answer.</summary>
    None,
    Credential,
    Quota,
    RateLimit,

    /// <summary>A rate limit that ends soon enough to be waited for.</summary>
    BriefRateLimit,
    ModelAccess,
    RegionBlocked,
    Transient,

    /// <summary>Transient, by one of our time limits.</summary>
    Silent,
    CallerFault,
    Unknown,

    /// <summary>A stream that breaks after its first content: too late for anything but the truth.</summary>
    Broken,

    /// <summary>The same by silence.</summary>
    BrokenBySilence,
}

/// <param name="Script">The simulator's fault, for every call made with a faulty key.</param>
/// <param name="Status">What the caller gets for <see cref="Effect.CallerFault"/>.</param>
/// <param name="Dialects">Which providers it is played by: <c>o</c>penai, <c>a</c>nthropic, <c>g</c>oogle.</param>
/// <param name="Text">The answer's text, of the usual one.</param>
public sealed record FaultRow(string Name, string Script, Effect Json, Effect Stream, int Status = 0, string Dialects = "oag", Func<string, string>? Text = null);

/// <summary>Every way the simulator can misbehave, and what the contract makes of it.</summary>
public static class FaultTable
{
    public static IReadOnlyList<FaultRow> Rows { get; } =
    [
        Both("nothing", "{}", Effect.None),

        // Keys.
        Both("key invalid", """{"as":"invalid"}""", Effect.Credential),
        Both("key expired", """{"as":"expired"}""", Effect.Credential),
        Both("key revoked", """{"as":"revoked"}""", Effect.Credential),
        Both("no credit", """{"as":"nocredit"}""", Effect.Quota),
        Both("rate limited for long", """{"as":"ratelimited-3600"}""", Effect.RateLimit),
        Both("rate limited for a second", """{"as":"ratelimited-1"}""", Effect.BriefRateLimit),
        Both("no access to the model", """{"as":"noaccess"}""", Effect.ModelAccess),
        Both("restricted to inference", """{"as":"restricted"}""", Effect.None),
        Both("down", """{"as":"down"}""", Effect.Transient),
        Both("wrong place", """{"as":"region"}""", Effect.RegionBlocked),

        // Bare statuses.
        Both("302", """{"status":302}""", Effect.Unknown),
        Caller(400) with { Dialects = "o" },
        Caller(400) with { Dialects = "a", Script = """{"status":400,"body":{"type":"error","error":{"type":"invalid_request_error","message":"max_tokens: too many"}}}""" },
        Caller(400) with { Dialects = "g", Script = """{"status":400,"body":{"error":{"code":400,"message":"Invalid value","status":"INVALID_ARGUMENT"}}}""" },
        Both("401", """{"status":401}""", Effect.Credential),
        Both("402", """{"status":402}""", Effect.Quota),
        Both("403", """{"status":403}""", Effect.ModelAccess),
        Both("404", """{"status":404}""", Effect.ModelAccess),
        Both("408", """{"status":408}""", Effect.Transient),
        Caller(413),
        Both("418", """{"status":418,"body":{"teapot":true}}""", Effect.Unknown),
        Caller(422),
        Both("429 for long", """{"status":429,"headers":{"retry-after":"3600"}}""", Effect.RateLimit),
        Both("500", """{"status":500}""", Effect.Transient),
        Both("502", """{"status":502}""", Effect.Transient),
        Both("503", """{"status":503}""", Effect.Transient),
        Both("504", """{"status":504}""", Effect.Transient),
        Both("529", """{"status":529}""", Effect.Transient),
        Both("500 that speaks of a wrong key", """{"status":500,"body":{"error":{"message":"incorrect api key provided","code":"invalid_api_key"}}}""", Effect.Transient),

        // Bodies that are no answer.
        Both("html 502", """{"html":true}""", Effect.Transient),
        Both("html 200", """{"html":true,"status":200}""", Effect.Transient),
        Both("empty 200", """{"emptyBody":true}""", Effect.Transient),
        Both("empty 503", """{"emptyBody":true,"status":503}""", Effect.Transient),
        Both("empty 401", """{"emptyBody":true,"status":401}""", Effect.Credential),
        Both("empty object", """{"body":{}}""", Effect.Transient),
        Both("empty array", """{"body":[]}""", Effect.Transient),
        Both("null", """{"body":"null"}""", Effect.Transient),
        Both("cut json", """{"body":"{\"choices\":[{\"index\":0,\"message\":{\"content\":\"a"}""", Effect.Transient),
        Both("no choices", """{"body":{"id":"x","choices":[]}}""", Effect.Transient, "o"),
        Both("null choices", """{"body":{"id":"x","choices":null}}""", Effect.Transient, "o"),
        Both("choice without message", """{"body":{"id":"x","choices":[{"index":0,"finish_reason":"stop"}]}}""", Effect.Transient, "o"),
        Both("choice without finish", """{"body":{"id":"x","choices":[{"index":0,"message":{"role":"assistant","content":"half an ans"}}]}}""", Effect.Transient, "o"),
        Both("choice ended by error", """{"body":{"id":"x","choices":[{"index":0,"message":{"role":"assistant","content":"half an ans"},"finish_reason":"error"}]}}""", Effect.Transient, "o"),
        Both("no candidates", """{"body":{"candidates":[]}}""", Effect.Transient, "g"),
        Both("no content", """{"body":{"type":"message","role":"assistant"}}""", Effect.Transient, "a"),
        Both("message without stop reason", """{"body":{"type":"message","role":"assistant","content":[{"type":"text","text":"half an ans"}],"stop_reason":null}}""", Effect.Transient, "a"),
        Both("candidate without finish", """{"body":{"candidates":[{"content":{"role":"model","parts":[{"text":"half an ans"}]},"index":0}]}}""", Effect.Transient, "g"),

        // Errors under a good status.
        Both("503 in a 200", """{"okWithErrorBody":true}""", Effect.Transient),
        Both("401 in a 200", """{"okWithErrorBody":true,"status":401}""", Effect.Credential),
        Both("429 in a 200", """{"okWithErrorBody":true,"status":429,"headers":{"retry-after":"3600"}}""", Effect.RateLimit),

        // Silence.
        Both("never answers", """{"neverAnswer":true}""", Effect.Silent),
        Both("headers too late", """{"delayBeforeHeadersMs":60000}""", Effect.Silent),
        Both("first token too late", """{"delayBeforeFirstTokenMs":60000}""", Effect.Silent),
        Stream("stalls before content", """{"stallAfterChunks":0}""", Effect.Silent, Effect.Silent),
        Stream("stalls after content", """{"stallAfterChunks":2}""", Effect.Silent, Effect.BrokenBySilence),
        Both("a little late", """{"delayBeforeHeadersMs":20,"delayBeforeFirstTokenMs":20,"delayBetweenChunksMs":2}""", Effect.None),

        // Streams that break.
        Stream("error event first", """{"errorEvent":true}""", Effect.None, Effect.Transient),
        Stream("error event after role", """{"errorEvent":true,"errorAfterRole":true}""", Effect.None, Effect.Transient),
        Stream("error event after content", """{"errorEvent":true,"errorAfterChunks":2}""", Effect.None, Effect.Broken),
        Stream("unknown error event first", """{"errorEvent":{"error":{"message":"?"}}}""", Effect.None, Effect.Transient),
        Stream("error event of a wrong key", """{"errorEvent":{"error":{"message":"no","type":"invalid_request_error","code":"invalid_api_key"}}}""", Effect.None, Effect.Credential) with { Dialects = "o" },
        Stream("error event of a wrong key", """{"errorEvent":{"type":"error","error":{"type":"authentication_error","message":"no"}}}""", Effect.None, Effect.Credential) with { Dialects = "a" },
        Stream("error event of a wrong key", """{"errorEvent":{"error":{"code":401,"message":"no","status":"UNAUTHENTICATED"}}}""", Effect.None, Effect.Credential) with { Dialects = "g" },
        Stream("error event of a caller's fault", """{"errorEvent":{"error":{"message":"no","type":"invalid_request_error","code":"context_length_exceeded"}}}""", Effect.None, Effect.CallerFault) with { Dialects = "o", Status = 400 },
        Stream("error event of a caller's fault", """{"errorEvent":{"type":"error","error":{"type":"invalid_request_error","message":"no"}}}""", Effect.None, Effect.CallerFault) with { Dialects = "a", Status = 400 },
        Stream("cut before content", """{"cutAfterChunks":0}""", Effect.Transient, Effect.Transient),
        Stream("cut after content", """{"cutAfterChunks":2}""", Effect.Transient, Effect.Broken),
        Stream("clean end before content", """{"cutAfterChunks":0,"clean":true}""", Effect.None, Effect.Transient),
        Stream("clean end after content", """{"cutAfterChunks":2,"clean":true}""", Effect.None, Effect.Broken),
        Stream("cut in the first chunk", """{"cutMidChunk":true,"afterChunks":0}""", Effect.Transient, Effect.Transient),
        Stream("cut in a later chunk", """{"cutMidChunk":true,"afterChunks":2}""", Effect.Transient, Effect.Broken),
        Stream("malformed line", """{"malformedLine":true}""", Effect.Transient, Effect.None),

        Stream("empty chunks, then a cut", """{"emptyChunks":5,"cutAfterChunks":0}""", Effect.Transient, Effect.Transient),

        // Oddities that are no failure.
        Both("split characters", """{"splitUtf8":true}""", Effect.None) with { Text = usual => usual + " 👋" },
        Both("empty chunks", """{"emptyChunks":7}""", Effect.None),
        Both("no usage", """{"noUsage":true}""", Effect.None),
        Both("no words", """{"emptyContent":true}""", Effect.None) with { Text = _ => "" },
    ];

    private static FaultRow Both(string name, string script, Effect effect, string dialects = "oag") => new(name, script, effect, effect, Dialects: dialects);

    private static FaultRow Stream(string name, string script, Effect json, Effect stream) => new(name, script, json, stream);

    private static FaultRow Caller(int status) => new($"{status}", $$"""{"status":{{status}}}""", Effect.CallerFault, Effect.CallerFault, status);
}
