using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.DependencyInjection;
using Router.Api.Dialects.OpenAI;
using Router.Core.Keys;
using Router.Core.Wire;

namespace Router.Benchmarks;

/// <summary>What a request's body costs: skimming its members, reading the router's part, splicing another model in.</summary>
[MemoryDiagnoser]
public class WireBenchmarks
{
    private readonly ServiceProvider _services = Host.Build();
    private readonly Workspace _workspace = Host.Workspace(1);
    private ChatRequestReader _reader = null!;
    private byte[] _body = null!;
    private JsonObject _parsed = null!;

    [Params(600, 262_144)]
    public int PromptBytes { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _reader = _services.GetRequiredService<ChatRequestReader>();
        _body = Sample.Request("openai/bench", PromptBytes, stream: true);
        _parsed = JsonObject.Parse(_body);
    }

    [Benchmark]
    public object Skim() => JsonObject.Parse(_body);

    [Benchmark]
    public object ReadRequest() => _reader.Read(_body, _workspace);

    [Benchmark]
    public byte[] Splice() => new JsonSplice(_parsed)
        .Set("model", "\"bench\""u8.ToArray())
        .Set("stream_options", """{"include_usage":true}"""u8.ToArray())
        .ToArray();
}
