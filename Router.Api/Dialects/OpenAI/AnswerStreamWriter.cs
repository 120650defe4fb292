using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Router.Api.Endpoints;
using Router.Core.Chat;
using Router.Core.Failures;
using Router.Core.Providers.OpenAI;
using Router.Core.Wire;

namespace Router.Api.Dialects.OpenAI;

/// <summary>
/// Writes a stream: the provider's chunks as they come, the last one held until usage has arrived so that it can carry
/// <c>metadata</c>. While nothing comes, comments keep the connection alive. Until the first chunk nothing is sent, so a
/// failure can still be an error with its own status.
/// </summary>
internal sealed class AnswerStreamWriter(HttpContext context, RouteRequest request, bool includeUsage, TimeProvider time)
{
    private const int MostUnflushed = 8 * 1024;

    /// <summary>Beyond this a chunk does not fit beside others into a piece of the server's memory.</summary>
    private const int LargestAtOnce = 2 * 1024;

    /// <summary>Before a comment keeps the connection alive, which makes a stream of the answer whatever comes.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(10);

    private bool _started;
    private bool _finishing;
    private JsonObject? _held;
    private OpenAITypedChunks? _typed;

    /// <returns>The error the stream ended with; null when it ended well.</returns>
    public async Task<RouterError?> WriteAsync(IAsyncEnumerable<ChatResponseUpdate> updates, CancellationToken cancellationToken)
    {
        await using IAsyncEnumerator<ChatResponseUpdate> source = updates.GetAsyncEnumerator(cancellationToken);
        using var keepAlive = new KeepAlive(Silence, time, CommentAsync);
        try
        {
            while (await NextAsync(source, keepAlive, cancellationToken))
            {
                Write(source.Current);
            }
        }
        catch (Exception e) when (_started && !cancellationToken.IsCancellationRequested)
        {
            if (e is not (RouterException or ProviderException))
            {
                FallbackEndpoints.LogUnhandled(context, e);
            }

            Release();
            RouterError error = ErrorWriter.OfStream(e);
            Event(ErrorWriter.Body(error, request));
            await context.Response.BodyWriter.FlushAsync(cancellationToken);
            return error;
        }

        Start();
        foreach (WireChunk chunk in _typed?.End() ?? [])
        {
            Write(chunk);
        }

        Finish();
        await context.Response.BodyWriter.FlushAsync(cancellationToken);
        return null;
    }

    /// <summary>
    /// The next update. What is already there is taken as it is; only before a wait, or past a packet or so, does what was
    /// written go out: a provider that sends faster than one chunk a read costs no send for each.
    /// </summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> NextAsync(IAsyncEnumerator<ChatResponseUpdate> source, KeepAlive keepAlive, CancellationToken cancellationToken)
    {
        ValueTask<bool> next = source.MoveNextAsync();
        PipeWriter writer = context.Response.BodyWriter;
        bool waits = !next.IsCompleted;
        if (writer.UnflushedBytes > (waits ? 0 : MostUnflushed))
        {
            try
            {
                await writer.FlushAsync(cancellationToken);
            }
            catch (Exception)
            {
                // A pending read must be awaited before its enumerator may be disposed. It ends: the caller is gone.
                await ((Task)next.AsTask()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                throw;
            }
        }

        if (!waits)
        {
            return await next;
        }

        keepAlive.Waiting();
        try
        {
            return await next;
        }
        finally
        {
            await keepAlive.ResumeAsync();
        }
    }

    private async Task CommentAsync()
    {
        Start();
        context.Response.BodyWriter.Write(": keep-alive\n\n"u8);
        await context.Response.BodyWriter.FlushAsync(CancellationToken.None);
    }

    /// <summary>The provider's own chunk where it speaks this dialect, else chunks written from the typed update.</summary>
    private void Write(ChatResponseUpdate update)
    {
        if (update.RawRepresentation is WireChunk own)
        {
            Write(own);
            return;
        }

        _typed ??= new OpenAITypedChunks(time.GetUtcNow());
        foreach (WireChunk chunk in _typed.Write(update))
        {
            Write(chunk);
        }
    }

    private void Write(WireChunk chunk)
    {
        Start();
        if (chunk.UsageOnly && !includeUsage)
        {
            return;
        }

        Release();
        _finishing |= chunk.HasFinish || chunk.UsageOnly;
        if (_finishing)
        {
            // From the finish on any chunk may be the last, which is the one that carries metadata.
            _held = chunk.Body;
            return;
        }

        Event(chunk.Body, metadata: null);
    }

    private void Release()
    {
        if (_held is { } held)
        {
            _held = null;
            Event(held, metadata: null);
        }
    }

    private void Finish()
    {
        if (_held is { } last)
        {
            _held = null;
            Event(last, MetadataWriter.Write(request));
        }

        context.Response.BodyWriter.Write("data: [DONE]\n\n"u8);
    }

    private void Start()
    {
        if (_started)
        {
            return;
        }

        _started = true;
        context.Response.ContentType = "text/event-stream; charset=utf-8";
        context.Response.Headers.CacheControl = "no-cache, no-transform";
        // Proxies that buffer would turn a stream into one late answer.
        context.Response.Headers["x-accel-buffering"] = "no";
    }

    private void Event(JsonObject chunk, byte[]? metadata)
    {
        PipeWriter writer = context.Response.BodyWriter;
        if (HasLines(chunk.Text.Span))
        {
            chunk = JsonObject.Parse(OneLine(chunk.Text));
        }

        if (metadata is null && chunk.Text.Length <= LargestAtOnce && chunk.Find("model") is { } model)
        {
            AtOnce(writer, chunk.Text.Span, model, chunk.End);
            return;
        }

        writer.Write("data: "u8);
        JsonSplice splice = new JsonSplice(chunk).Set("model", request.Attempts[^1].Entry.QuotedModel);
        if (metadata is not null)
        {
            splice.Set("metadata", metadata);
        }

        splice.WriteTo(writer);
        writer.Write("\n\n"u8);
    }

    /// <summary>What nearly every chunk is: the provider's bytes with the model's name replaced, in one piece of the server's memory.</summary>
    private void AtOnce(PipeWriter writer, ReadOnlySpan<byte> text, JsonMember model, int end)
    {
        ReadOnlySpan<byte> name = request.Attempts[^1].Entry.QuotedModel.Span;
        ReadOnlySpan<byte> before = text[..model.ValueStart];
        ReadOnlySpan<byte> after = text[model.ValueEnd..end];
        Span<byte> room = writer.GetSpan("data: "u8.Length + before.Length + name.Length + after.Length + "\n\n"u8.Length);
        int length = 0;
        Append("data: "u8, room, ref length);
        Append(before, room, ref length);
        Append(name, room, ref length);
        Append(after, room, ref length);
        Append("\n\n"u8, room, ref length);
        writer.Advance(length);
    }

    private static void Append(ReadOnlySpan<byte> part, Span<byte> room, ref int length)
    {
        part.CopyTo(room[length..]);
        length += part.Length;
    }

    /// <summary>Of an event whose data came in several lines, or an error that a provider wrote in several.</summary>
    private static bool HasLines(ReadOnlySpan<byte> json) => json.IndexOfAny((byte)'\n', (byte)'\r') >= 0;

    /// <summary>The same JSON on one line: an event ends at an empty one. Between its tokens a space is as good as the end of a line, and within a text there can be none.</summary>
    private static byte[] OneLine(ReadOnlyMemory<byte> json)
    {
        byte[] line = json.ToArray();
        line.AsSpan().Replace((byte)'\n', (byte)' ');
        line.AsSpan().Replace((byte)'\r', (byte)' ');
        return line;
    }

    private void Event(byte[] json)
    {
        PipeWriter writer = context.Response.BodyWriter;
        writer.Write("data: "u8);
        writer.Write(HasLines(json) ? OneLine(json) : json);
        writer.Write("\n\n"u8);
    }
}
