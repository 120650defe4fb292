using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Router.Api.Dialects.OpenAI;
using Router.Core.Keys;

namespace Router.Benchmarks;

/// <summary>A whole request from its bytes to the last update, at a provider of each dialect that answers from memory.</summary>
[MemoryDiagnoser]
public class PipelineBenchmarks
{
    private readonly ServiceProvider _services = Host.Build();
    private readonly Workspace _workspace = Host.Workspace(3);
    private IChatClient _router = null!;
    private ChatRequestReader _reader = null!;
    private byte[] _whole = null!;
    private byte[] _stream = null!;

    [Params("openai", "anthropic", "google-ai-studio")]
    public string Provider { get; set; } = "openai";

    [GlobalSetup]
    public async Task Setup()
    {
        (_router, _reader) = (_services.GetRequiredService<IChatClient>(), _services.GetRequiredService<ChatRequestReader>());
        _whole = Sample.Request($"{Provider}/bench", 600);
        _stream = Sample.Request($"{Provider}/bench", 600, stream: true);
        int updates = await Stream();
        if (updates < Sample.Chunks)
        {
            throw new InvalidOperationException($"A stream of {Sample.Chunks} chunks came as {updates} updates.");
        }
    }

    [Benchmark]
    public Task<ChatResponse> Whole()
    {
        ChatRequest request = _reader.Read(_whole, _workspace);
        return _router.GetResponseAsync(request.Messages, request.Options);
    }

    /// <summary>All of a stream of 100 chunks.</summary>
    [Benchmark]
    public async Task<int> Stream()
    {
        ChatRequest request = _reader.Read(_stream, _workspace);
        int updates = 0;
        await foreach (ChatResponseUpdate _ in _router.GetStreamingResponseAsync(request.Messages, request.Options))
        {
            updates++;
        }

        return updates;
    }
}
