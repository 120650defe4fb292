using System.Text.Json;
using System.Text.Json.Serialization;

namespace Router.Simulator.Faults;

/// <summary>One scripted misbehaviour. Every field is optional; an empty fault is the normal answer.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record Fault
{
    public static readonly Fault None = new();

    /// <summary>A key word (<c>invalid</c>, <c>ratelimited-30</c>, …) the key behaves as, whatever its text says.</summary>
    public string? As { get; init; }

    public int? Status { get; init; }

    /// <summary>A string is sent as it is, anything else as JSON. Without it the vendor's own envelope for the status.</summary>
    public JsonElement? Body { get; init; }
    public Dictionary<string, string>? Headers { get; init; }
    public bool Html { get; init; }
    public bool EmptyBody { get; init; }
    public bool OkWithErrorBody { get; init; }
    public bool NeverAnswer { get; init; }

    public int DelayBeforeHeadersMs { get; init; }
    public int DelayBeforeFirstTokenMs { get; init; }
    public int DelayBetweenChunksMs { get; init; }

    /// <summary><c>true</c> for the vendor's shape, or an object sent as it is.</summary>
    public JsonElement? ErrorEvent { get; init; }

    /// <summary>Content chunks before the error event; 0 makes it the first event of the stream.</summary>
    public int ErrorAfterChunks { get; init; }

    /// <summary>The error event comes after the opening events (role, message_start) and before any content.</summary>
    public bool ErrorAfterRole { get; init; }

    /// <summary>Aborts in the middle of the data line of content chunk <see cref="AfterChunks"/> + 1.</summary>
    public bool CutMidChunk { get; init; }
    public int AfterChunks { get; init; } = 1;
    public int? CutAfterChunks { get; init; }

    /// <summary>With <see cref="CutAfterChunks"/>: the body ends properly, without finish reason or end mark.</summary>
    public bool Clean { get; init; }
    public int? StallAfterChunks { get; init; }
    public bool MalformedLine { get; init; }
    public bool SplitUtf8 { get; init; }

    /// <summary>Number of chunks with empty content sent after the opening events.</summary>
    public int EmptyChunks { get; init; }

    /// <summary>Length of the answer in content chunks, each <see cref="ChunkText"/>.</summary>
    public int? Chunks { get; init; }
    public string? ChunkText { get; init; }
    public bool EmptyContent { get; init; }
    public string? FinishReason { get; init; }
    public bool NoUsage { get; init; }

    /// <summary>Size in bytes of a string added to the arguments of a tool call.</summary>
    public int HugeToolArguments { get; init; }

    [JsonIgnore]
    public bool TouchesStream => this != None && (ErrorEvent is not null || CutMidChunk || CutAfterChunks is not null
        || StallAfterChunks is not null || MalformedLine || SplitUtf8 || DelayBeforeFirstTokenMs > 0 || DelayBetweenChunksMs > 0);
}
