namespace Router.AppHost.Embedded.Testing;

public interface IDistributedApplicationTestingBuilder : IDistributedApplicationBuilder, IAsyncDisposable
{
    Task<DistributedApplication> BuildAsync(CancellationToken cancellationToken = default);
}

/// <summary>Runs an AppHost's entry point up to its <c>Build()</c> and hands the builder to the test, as Aspire's of the same name does.</summary>
public static class DistributedApplicationTestingBuilder
{
    public static Task<IDistributedApplicationTestingBuilder> CreateAsync<TEntryPoint>(CancellationToken cancellationToken = default)
        where TEntryPoint : class => CreateAsync<TEntryPoint>([], cancellationToken);

    /// <summary>Free ports and a state directory of its own, deleted with the application, unless the arguments say otherwise.</summary>
    public static async Task<IDistributedApplicationTestingBuilder> CreateAsync<TEntryPoint>(string[] args, CancellationToken cancellationToken = default)
        where TEntryPoint : class
    {
        var entryPoint = typeof(TEntryPoint).Assembly.EntryPoint ?? throw new InvalidOperationException($"{typeof(TEntryPoint).Assembly} has no entry point.");
        string[] defaults = [$"--{RunSettings.RandomizePortsKey}=true"];
        return new TestingBuilder(await EntryPointCapture.RunAsync(entryPoint, [.. defaults, .. args], cancellationToken));
    }
}
