namespace Router.Tests.AppHost;

internal sealed class TemporaryDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("router-test-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
