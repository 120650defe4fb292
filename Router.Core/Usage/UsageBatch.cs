namespace Router.Core.Usage;

/// <summary>
/// Records as the rows Postgres will take: encoded at once, they are a piece of one array, where objects that wait for the database
/// would outlive the youngest generation and be moved by each collection. Not thread-safe.
/// </summary>
public sealed class UsageBatch
{
    public const int Most = 1_000;

    private const short Fields = 28;

    /// <summary>In the order of the rows' fields.</summary>
    internal const string Columns =
        "id, at, workspace_id, router_key_id, generation_id, attempt, trace_id, provider, model, response_model, credential_type, credential_source, "
        + "credential_fingerprint, stream, outcome, http_status, duration_ms, time_to_first_token_ms, input_tokens, cached_tokens, output_tokens, reasoning_tokens, "
        + "estimated, list_price_usd, charge_usd, cache_write_tokens, cache_write_1h_tokens, price_tier";

    private readonly CopyWriter _rows = new();
    private bool _ended;

    public int Count { get; private set; }

    /// <summary>A write of it was given up, and may still be reading it: it may be written again, and not be filled again.</summary>
    internal bool WasGivenUp { get; set; }

    /// <summary>Adds all of a record or, when it throws, nothing.</summary>
    public void Add(in UsageRecord record)
    {
        var length = _rows.Written.Length;
        try
        {
            Write(record);
            Count++;
        }
        catch
        {
            _rows.Truncate(length);
            throw;
        }
    }

    public UsageBatch AddAll(IEnumerable<UsageRecord> records)
    {
        foreach (var record in records)
            Add(record);
        return this;
    }

    /// <summary>All of it as <c>COPY</c> takes it. Nothing can be added any more.</summary>
    internal ReadOnlyMemory<byte> Rows()
    {
        if (!_ended)
            _rows.Finish();
        _ended = true;
        return _rows.Written;
    }

    /// <summary>The records again, as Postgres would give them back: times to the microsecond, no NUL in a text.</summary>
    public IEnumerable<UsageRecord> Records()
    {
        var at = CopyWriter.HeaderLength;
        for (var i = 0; i < Count; i++)
        {
            var (record, next) = Read(at);
            at = next;
            yield return record;
        }
    }

    /// <summary>Empties it, to be filled again in the same memory.</summary>
    /// <returns>False when it grew too large to be kept.</returns>
    internal bool TryReset()
    {
        (Count, _ended) = (0, false);
        return _rows.TryReset();
    }

    private void Write(in UsageRecord record)
    {
        _rows.StartRow(Fields);
        _rows.Uuid(record.Id);
        _rows.Timestamp(record.At);
        _rows.Text(record.WorkspaceId);
        _rows.Text(record.RouterKeyId);
        _rows.Uuid(record.GenerationId);
        _rows.Integer(record.Attempt);
        _rows.Text(record.TraceId);
        _rows.Text(record.Provider);
        _rows.Text(record.Model);
        _rows.Text(record.ResponseModel);
        _rows.Text(record.CredentialType);
        _rows.Text(record.CredentialSource);
        _rows.Text(record.CredentialFingerprint);
        _rows.Boolean(record.Stream);
        _rows.Text(record.Outcome);
        _rows.Integer(record.HttpStatus);
        _rows.BigInteger(record.DurationMs);
        _rows.BigInteger(record.TimeToFirstTokenMs);
        _rows.BigInteger(record.InputTokens);
        _rows.BigInteger(record.CachedTokens);
        _rows.BigInteger(record.OutputTokens);
        _rows.BigInteger(record.ReasoningTokens);
        _rows.Boolean(record.Estimated);
        _rows.Numeric(record.ListPrice);
        _rows.Numeric(record.Charge);
        _rows.BigInteger(record.CacheWriteTokens);
        _rows.BigInteger(record.CacheWriteLongTokens);
        _rows.Text(record.PriceTier);
    }

    private (UsageRecord Record, int Next) Read(int at)
    {
        var row = new CopyReader(_rows.Written.Span, at);
        row.StartRow(Fields);
        // Arguments are read in the order they stand in.
        var record = new UsageRecord(
            row.Uuid(),
            row.Timestamp(),
            row.Text()!,
            row.Text(),
            row.Uuid(),
            (int)row.Integer()!,
            row.Text(),
            row.Text()!,
            row.Text()!,
            row.Text(),
            row.Text()!,
            row.Text()!,
            row.Text()!,
            row.Boolean(),
            row.Text()!,
            row.Integer(),
            (long)row.BigInteger()!,
            row.BigInteger(),
            row.BigInteger(),
            row.BigInteger(),
            row.BigInteger(),
            row.BigInteger(),
            row.Boolean(),
            row.Numeric(),
            row.Numeric(),
            row.BigInteger(),
            row.BigInteger(),
            row.Text());
        return (record, row.Position);
    }
}
