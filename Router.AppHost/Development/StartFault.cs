namespace Router.AppHost.Development;

/// <summary>Why a run cannot start, in words for the console.</summary>
internal sealed record StartFault(string Reason)
{
    /// <returns>The exit code.</returns>
    public int Tell()
    {
        Console.Error.WriteLine(Reason);
        return 1;
    }
}
