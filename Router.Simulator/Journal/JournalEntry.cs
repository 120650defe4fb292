namespace Router.Simulator.Journal;

/// <summary>One received request and what became of it. Written by its own request only; readers may see it half done.</summary>
internal sealed class JournalEntry
{
    public required long Sequence { get; init; }
    public required string Provider { get; init; }
    public required string Dialect { get; init; }
    public required string Method { get; init; }
    public required string Path { get; init; }
    public required string Protocol { get; init; }
    public required IReadOnlyDictionary<string, string> Headers { get; init; }
    public required DateTimeOffset StartedAt { get; init; }
    public string? Key { get; set; }
    public byte[]? Body { get; set; }

    /// <summary>0 while nothing has been sent.</summary>
    public int Status { get; set; }
    public int ChunksSent { get; set; }

    /// <summary>The whole answer was sent, scripted faults included; false for one that was cut or left.</summary>
    public bool Completed { get; set; }
    public bool ClientGone { get; set; }
    public DateTimeOffset? EndedAt { get; set; }

    /// <summary>The whole answer's tokens, as the provider bills them; null where no model worked.</summary>
    public JournalUsage? Usage { get; set; }

    /// <summary>The counts left with the answer.</summary>
    public bool UsageTold { get; set; }
}

/// <summary>Cached input is part of the input, reasoning part of the output.</summary>
internal sealed record JournalUsage(int Input, int Cached, int Output, int Reasoning);
