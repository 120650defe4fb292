namespace Router.AppHost.Embedded;

/// <summary>A named value, read when it is first needed.</summary>
public sealed class ParameterResource(string name, Func<string> value, bool secret) : Resource(name)
{
    public bool Secret { get; } = secret;

    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult<string?>(value());
    }
}
