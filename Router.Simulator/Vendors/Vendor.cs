using System.Globalization;
using System.Text.Json.Nodes;

namespace Router.Simulator.Vendors;

internal enum ReasoningStyle
{
    CountOnly,
    ReasoningContent,
    Reasoning,
    ThinkingParts,
}

internal enum StreamUsage
{
    WhenAsked,
    Always,
    WithFinish,
}

internal enum ListShape
{
    OpenAI,
    Anthropic,
    Gemini,
}

/// <summary>A reason to refuse a request body, checked in order; <see cref="Failure"/> texts may hold <c>{model}</c>.</summary>
internal sealed record BodyRule(Func<JsonObject, bool> Broken, Failure Failure);

/// <summary>A provider as data: its errors, envelope and quirks.</summary>
internal sealed record Vendor
{
    public required string Slug { get; init; }
    public required Func<Failure, string> Envelope { get; init; }
    public required IReadOnlyDictionary<Trouble, Failure> Troubles { get; init; }

    /// <summary>An error inside a stream that already answered 200: the payload of its event.</summary>
    public required Func<Failure, string> StreamError { get; init; }
    public ListShape List { get; init; }
    public IReadOnlyList<string> Models { get; init; } = [];
    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];
    public IReadOnlyList<BodyRule> Rules { get; init; } = [];

    /// <summary>When set, the only fields the vendor accepts.</summary>
    public IReadOnlySet<string>? Fields { get; init; }
    public Func<string, Failure>? ExtraField { get; init; }
    public ReasoningStyle Reasoning { get; init; }
    public StreamUsage StreamUsage { get; init; }
    public int ToolIdLength { get; init; } = 24;
    public string ToolIdPrefix { get; init; } = "call_";

    /// <summary>Reasoning tokens are reported beside completion tokens, not inside them.</summary>
    public bool ReasoningOutsideCompletion { get; init; }

    /// <summary>Members added to every usage object, and to the chunk that carries it.</summary>
    public string UsageExtra { get; init; } = "";
    public string UsageChunkExtra { get; init; } = "";

    /// <summary>With usage asked for, every other chunk says <c>"usage":null</c>.</summary>
    public bool NullUsageInChunks { get; init; }

    /// <summary>Repeats the usage under <c>x_groq</c> in the finish chunk, asked or not.</summary>
    public bool UsageInVendorField { get; init; }

    /// <summary>The list of models answers without a look at the key.</summary>
    public bool PublicModelList { get; init; }

    /// <summary>Bearer values are OAuth tokens from the vendor's own token endpoint.</summary>
    public bool IssuesTokens { get; init; }
    public bool RetryAfterHeader { get; init; } = true;

    /// <summary>A header every call in the vendor's own dialect must have.</summary>
    public string? RequiredHeader { get; init; }
    public string RequestIdHeader { get; init; } = "x-request-id";

    /// <summary>The status an error event inside a stream stands for.</summary>
    public int StreamErrorStatus { get; init; } = 503;

    /// <summary>Error types of statuses that no trouble row has.</summary>
    public IReadOnlyDictionary<int, string> StatusTypes { get; init; } = new Dictionary<int, string>();

    public Failure Of(Trouble trouble, string? key = null, string? model = null, int? retryAfter = null)
    {
        var row = Troubles[trouble];
        return row with
        {
            Message = Fill(row.Message),
            Raw = row.Raw is null ? null : Fill(row.Raw),
            RetryAfterSeconds = retryAfter,
        };

        string Fill(string text) => text
            .Replace("{key}", Mask(key ?? ""), StringComparison.Ordinal)
            .Replace("{model}", model ?? "?", StringComparison.Ordinal)
            .Replace("{seconds}", (retryAfter ?? 1).ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
    }

    public Failure BadRequest(string message, string? param = null, string? code = null) =>
        Troubles[Trouble.BadRequest] with { Message = message, Param = param, Code = code ?? Troubles[Trouble.BadRequest].Code };

    /// <summary>The nearest row for a bare status.</summary>
    public Failure OfStatus(int status)
    {
        Trouble[] candidates =
            [Trouble.RateLimited, Trouble.Down, Trouble.BadRequest, Trouble.NoAccess, Trouble.Restricted, Trouble.WrongKey, Trouble.NoCredit];
        foreach (var trouble in candidates)
        {
            if (Troubles[trouble].Status == status && Troubles[trouble].Message.Length > 0)
                return Of(trouble);
        }

        return Troubles[status < 500 ? Trouble.BadRequest : Trouble.Down] with
        {
            Status = status,
            Message = $"Simulated failure with status {status}.",
            Type = StatusTypes.TryGetValue(status, out var type) ? type : Troubles[status < 500 ? Trouble.BadRequest : Trouble.Down].Type,
            Code = null,
            Raw = null,
        };
    }

    /// <summary>Echoes the ends of a wrong key, as vendors do.</summary>
    private static string Mask(string key) =>
        key.Length <= 12 ? $"{key[..Math.Min(4, key.Length)]}***" : $"{key[..8]}***{key[^4..]}";
}
