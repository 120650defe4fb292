namespace Router.AppHost.Embedded;

public enum WaitType
{
    WaitUntilHealthy,
    WaitForCompletion,
}

public sealed record WaitAnnotation(IResource Resource, WaitType WaitType, int ExitCode = 0) : IResourceAnnotation;

/// <summary>One environment variable; its value is read when the process starts.</summary>
public sealed record EnvironmentAnnotation(string Name, Func<CancellationToken, ValueTask<string?>> Value) : IResourceAnnotation;

public sealed record CommandLineArgsAnnotation(IReadOnlyList<string> Args) : IResourceAnnotation;

public sealed record ReferenceAnnotation(IResource Resource) : IResourceAnnotation;

public sealed record ReplicaAnnotation(int Replicas) : IResourceAnnotation;

public sealed record HttpHealthCheckAnnotation(string Path, int StatusCode, string EndpointName) : IResourceAnnotation;

public sealed record ManifestExclusionAnnotation : IResourceAnnotation;

internal sealed record ReadyAnnotation(Func<CancellationToken, Task> Callback) : IResourceAnnotation;

/// <summary>An HTTP endpoint: the port its launch profile asks for, and the one it got.</summary>
public sealed class EndpointAnnotation(string name, string uriScheme, int? port) : IResourceAnnotation
{
    public string Name { get; } = name;

    public string UriScheme { get; } = uriScheme;

    public int? Port { get; } = port;

    public bool IsExternal { get; internal set; }

    internal int? AllocatedPort { get; set; }
}

public sealed record ResourceReadyEvent(IResource Resource);
