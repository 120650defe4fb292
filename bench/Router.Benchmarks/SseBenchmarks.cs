using BenchmarkDotNet.Attributes;
using Router.Core.Wire;

namespace Router.Benchmarks;

/// <summary>One event of a stream: found, copied out, and in one case skimmed as the leaf does.</summary>
[MemoryDiagnoser]
public class SseBenchmarks
{
    private readonly MemoryStream _stream = new(Sample.OpenAIStream);

    [Benchmark(OperationsPerInvoke = Sample.Chunks)]
    public Task<int> Read() => ReadAsync(skim: false);

    [Benchmark(OperationsPerInvoke = Sample.Chunks)]
    public Task<int> ReadAndSkim() => ReadAsync(skim: true);

    private async Task<int> ReadAsync(bool skim)
    {
        _stream.Position = 0;
        var events = new SseReader(_stream);
        int members = 0;
        while (await events.ReadAsync(CancellationToken.None))
        {
            if (skim && JsonObject.TryParse(events.Data, out JsonObject? json))
            {
                members += json.Members.Length;
            }
        }

        return members;
    }
}
